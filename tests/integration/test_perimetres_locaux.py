"""Perimeters that an EPCI adds: figures beside plain counts made point by point."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from pyproj import Transformer

from tests.fixtures import made_up_stock as stock
from tests.fixtures.micro_warehouse import build, dbt, edition, rows
from warehouse.base.layout import SAMPLE_DIR, Layout

#: South-west corner of a square of four kilometres, in Lambert 93, where all points are put.
X0, Y0, COTE = 726_000, 7_025_000, 4_000
DEGRES = Transformer.from_crs(2154, 4326, always_xy=True)
LIBELLE = 'Poche <script>alert(1)</script> "d\'essai" \u202e'
QPV_2024 = stock.codes("2024", 14)

Anneau = list[tuple[float, float]]


def anneau(*metres: tuple[float, float]) -> Anneau:
    """A closed ring in degrees, from points in metres from the corner."""
    return [DEGRES.transform(X0 + x, Y0 + y) for x, y in [*metres, metres[0]]]


TROU = anneau((900, 900), (900, 1300), (1300, 1300), (1300, 900))
EN_L = anneau((500, 500), (3000, 700), (2900, 1600), (1500, 1500), (1400, 3200), (450, 3000))
CARRE = anneau((1000, 1000), (2000, 1000), (2000, 2000), (1000, 2000))
DEUX = [
    anneau((2500, 2500), (3400, 2600), (2700, 3500)),
    anneau((100, 100), (400, 100), (250, 450)),
]
LOIN = anneau((90_000, 0), (91_000, 0), (91_000, 1000), (90_000, 1000))
MAYOTTE = [(45.20, -12.80), (45.21, -12.80), (45.21, -12.79), (45.20, -12.79), (45.20, -12.80)]
#: Code → polygons, each a list of rings.
PERIMETRES: dict[str, list[list[Anneau]]] = {
    "EN_L": [[EN_L, TROU]],
    "CARRE": [[CARRE]],
    "DEUX": [[ring] for ring in DEUX],
    "LOIN": [[LOIN]],
    "MAYOTTE": [[MAYOTTE]],
}
#: Half of the square lies in it.
QPV_A_CHEVAL = anneau((1500, 500), (3500, 500), (3500, 2500), (1500, 2500))


def dedans(x: float, y: float, polygones: list[list[Anneau]]) -> bool:
    """Ray casting, ring by ring, in degrees."""
    crossed = False
    for ring in (ring for rings in polygones for ring in rings):
        for (x1, y1), (x2, y2) in itertools.pairwise(ring):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                crossed = not crossed
    return crossed


def geojson(path: Path, features: list[tuple[dict, list[list[Anneau]]]]) -> None:
    """Write a FeatureCollection of multipolygons."""
    made = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": {"type": "MultiPolygon", "coordinates": polygones},
        }
        for properties, polygones in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), encoding="utf-8")


def gather(folder: Path) -> None:
    """Put the points of the made-up files in the square; one in eight keeps another projection."""
    path, draft = folder / stock.GEOLOCALISATION, folder / "draft"
    place = "({} + hash(siret || '{}') % 40000 / 10)::double"
    with duckdb.connect() as con:
        con.execute(
            f"copy (select * replace ({place.format(X0, 'x')} as x, {place.format(Y0, 'y')} as y,"
            " if(hash(siret) % 8 = 0, '2975', '2154') as epsg)"
            f" from read_parquet('{path}')) to '{draft}' (format parquet)"
        )
    draft.replace(path)
    path = folder / "rpls_logements_2025.csv"
    lines = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter=";"))
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, list(lines[0]), delimiter=";")
        writer.writeheader()
        for rank, line in enumerate(lines):
            x, y = X0 + rank * 7919 % 40_000 / 10, Y0 + rank * 104_729 % 40_000 / 10
            line |= {"X": f"{x}".replace(".", ","), "Y": f"{y}"} if rank % 9 else {"X": "", "Y": ""}
            writer.writerow(line)


@pytest.fixture(scope="module")
def extraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extraits")
    stock.write_stock(folder, etablissements=6000, logements=2000, seed=3, quartiers=14)
    gather(folder)
    shutil.copy(SAMPLE_DIR / "insee_epci_2020.csv", folder)
    known = {"insee_com": "59172", "siren_epci": "200042190", "lib_qp": "À cheval"}
    quarters = [{"code_qp": QPV_2024[0]} | known, {"code_qp": QPV_2024[1]} | known]
    shapes = [[[QPV_A_CHEVAL]], [[LOIN]]]
    geojson(folder / "qpv2024_simplified.geojson", list(zip(quarters, shapes, strict=True)))
    named = {"libelle": LIBELLE, "nature": "poche de pauvreté", "code_epci": "200042190", "n": 1}
    added = [({"code": code} | named, shape) for code, shape in PERIMETRES.items()]
    geojson(folder / "perimetres_locaux.geojson", added)
    return folder


def shown() -> object:
    """The edition of files of units, with outlines."""
    chosen = edition("2024").model_dump()
    chosen["blocs"] += [
        {"bloc": f"{source}.contours", "periode": "2024"}
        for source in ("anct_contours", "perimetres_locaux")
    ]
    chosen["references"] |= {"anct_contours": ["2024"], "insee_epci": ["2020"]}
    return type(edition("2024")).model_validate(chosen)


@pytest.fixture(scope="module")
def counted(extraits: Path, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    layout = build(extraits, tmp_path_factory.mktemp("data"), shown())
    selected = ["+fct_indicateur", "+pont_perimetre_qpv", "dim_territoire", "dim_indicateur"]
    alone = ["--exclude", "resource_type:unit_test", "--indirect-selection", "cautious"]
    dbt(layout, "build", "--select", *selected, *alone)
    return layout


def places(x: float, y: float) -> Iterator[str]:
    """Codes of the perimeters that hold a point in metres."""
    degrees = DEGRES.transform(x, y)
    for code, polygones in PERIMETRES.items():
        if dedans(*degrees, polygones):
            yield f"LOC:{code}"


def expected(folder: Path) -> Counter[tuple[str, str]]:
    """(code, mesure) → number, one establishment and one dwelling at a time."""
    counts: Counter[tuple[str, str]] = Counter()
    with duckdb.connect() as con:
        units = con.execute(
            "select e.etatAdministratifEtablissement, year(e.dateCreationEtablissement),"
            " e.trancheEffectifsEtablissement, g.qualite_xy, g.x, g.y"
            f" from '{folder / stock.ETABLISSEMENTS}' as e"
            f" join '{folder / stock.GEOLOCALISATION}' as g using (siret) where g.epsg = '2154'"
        ).fetchall()
    for state, year, band, quality, x, y in units:
        for code in places(x, y):
            sides = ["sirene_actifs"] if state == "A" else []
            sides += ["sirene_crees"] if year == 2024 else []
            for side in sides:
                counts[code, side + ("_localisation_incertaine" if quality == "33" else "")] += 1
            if state == "A" and quality != "33" and band in ("NN", "00"):
                counts[code, "sirene_actifs_sans_salarie"] += 1
    text = (folder / "rpls_logements_2025.csv").read_text(encoding="utf-8")
    for unit in csv.DictReader(text.splitlines(), delimiter=";"):
        if not unit["X"]:
            continue
        for code in places(float(unit["X"].replace(",", ".")), float(unit["Y"])):
            if unit["QUALITE_XY"] == "33":
                counts[code, "rpls_detail_localisation_incertaine"] += 1
                continue
            counts[code, "rpls_detail_logements"] += 1
            counts[code, "rpls_detail_pieces"] += int(unit["NBPIECE"] or 0)
            counts[code, "rpls_detail_collectifs"] += unit["TYPECONST_CODE"] == "C"
    return counts


def test_units_are_counted_where_their_point_falls(counted: Layout, extraits: Path) -> None:
    wanted = expected(extraits)
    found = {
        (code, mesure): valeur
        for code, mesure, valeur in rows(
            counted,
            "select code_territoire, mesure, valeur from intermediate.int_mesures "
            "where code_territoire like 'LOC:%' and statut = 'diffuse' and choix = 'niveau'",
        )
    }
    asked = {mesure for _, mesure in wanted}
    assert {k: v for k, v in found.items() if k[1] in asked and v} == {
        k: v for k, v in wanted.items() if v
    }
    assert found["LOC:LOIN", "sirene_actifs"] == 0
    assert min(wanted["LOC:CARRE", m] for m in ("sirene_actifs", "rpls_detail_logements")) > 50


def test_the_counts_of_quarters_do_not_change(
    counted: Layout, extraits: Path, tmp_path: Path
) -> None:
    """Without the file: no local territory, the same figures for the QPV, nothing said of it."""
    folder = tmp_path / "sans"
    folder.mkdir()
    for path in extraits.iterdir():
        if path.name not in ("perimetres_locaux.geojson", "champ.yml"):
            (folder / path.name).symlink_to(path)
    layout = build(folder, tmp_path / "data", shown())
    dbt(layout, "run", "--select", "+int_mesures", "+int_territoires")
    query = (
        "select code_territoire, perimetre, mesure, periode, valeur, statut, motif "
        "from intermediate.int_mesures where code_territoire not like 'LOC:%' order by all"
    )
    assert rows(layout, query) == rows(counted, query) != []
    assert rows(
        layout,
        "select count(*) from intermediate.int_territoires "
        "where type_territoire = 'perimetre_local'",
    ) == [(0,)]
    assert rows(
        layout, "select count(*) from edition.plan where source_id = 'perimetres_locaux'"
    ) == [(0,)]


def test_what_has_no_sense_in_a_local_perimeter_is_no_zero(counted: Layout) -> None:
    said = rows(
        counted,
        "select distinct statut, motif from intermediate.int_mesures "
        "where code_territoire = 'LOC:CARRE' and mesure like 'rpls_detail_declares%'",
    )
    assert said == [("sans_objet", "un bailleur ne déclare que les QPV")]
    assert rows(
        counted,
        "select distinct statut from intermediate.int_mesures "
        "where code_territoire = 'LOC:MAYOTTE' and mesure like 'sirene_%'",
    ) == [("hors_champ",)]


def test_a_local_territory_bears_its_label_as_text(counted: Layout) -> None:
    assert rows(
        counted,
        "select type_territoire, libelle, libelle_long, perimetre, code_epci, est_metropole "
        "from marts.dim_territoire where code_territoire = 'LOC:CARRE'",
    ) == [
        (
            "perimetre_local",
            'Poche <script>alert(1)</script> "d\'essai"',
            'Poche <script>alert(1)</script> "d\'essai" (poche de pauvreté)',
            "",
            "200042190",
            True,
        )
    ]


def test_area_and_overlap_are_published(counted: Layout) -> None:
    areas = {
        code: (valeur, statut, source)
        for code, valeur, statut, source in rows(
            counted,
            "select code_territoire, valeur, statut, source_id from marts.fct_indicateur "
            "where code_indicateur = 'superficie' and valeur is not null",
        )
    }
    local = {code for code in areas if code.startswith("LOC:")}
    assert local == {f"LOC:{code}" for code in PERIMETRES}
    # A square of one kilometre of Lambert 93, whose scale is within 0.3 % there.
    valeur, statut, source = areas["LOC:CARRE"]
    assert valeur == pytest.approx(100, rel=0.006)
    assert (statut, source) == ("diffuse", "perimetres_locaux")
    assert areas[QPV_2024[0]][2] == "anct_contours"
    shared = rows(
        counted,
        "select code_perimetre, code_qpv, part_perimetre, part_qpv "
        "from marts.pont_perimetre_qpv "
        "where code_perimetre in ('LOC:CARRE', 'LOC:LOIN') order by 1",
    )
    assert [row[:2] for row in shared] == [
        ("LOC:CARRE", QPV_2024[0]),
        ("LOC:LOIN", QPV_2024[1]),
    ]
    assert shared[0][2:] == pytest.approx((50, 12.5), abs=0.01)
    assert shared[1][2:] == pytest.approx((100, 100), abs=1e-6)
