"""Files of units: counts by QPV beside the same counts made row by row in plain Python."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingest.archive import archive_local
from ingest.micro import inspect
from orchestration.partitions import REGISTRY
from tests.fixtures import made_up_stock as stock
from tests.fixtures.micro_warehouse import RPLS, SIRENE, build, dbt, edition, rows
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout

QUARTIERS, ANNEE, AVANT = 14, 2024, 2020
#: Creations of each of these years are counted: the registry says that the file tells them.
ANNEES = range(2015, 2026)
SECTIONS = {
    **dict.fromkeys(["01", "02", "03"], "a"),
    "05": "b", "10": "c", "35": "d", "38": "e", "41": "f", "43": "f", "47": "g", "49": "h",
    "53": "h", "56": "i", "62": "j", "66": "k", "68": "l", "70": "m", "74": "m", "81": "n",
    "84": "o", "85": "p", "86": "q", "88": "q", "90": "r", "96": "s", "97": "t", "99": "u",
}  # fmt: skip
BANDES = {
    "NN": "sans_salarie",
    "00": "sans_salarie",
    "11": "10_49_salaries",
    "12": "10_49_salaries",
}
BANDES |= dict.fromkeys(["01", "02", "03"], "1_9_salaries") | {None: "effectif_inconnu"}
EPOQUES = [(1948, "avant_1949"), (1975, "1949_1975"), (1988, "1976_1988"), (2000, "1989_2000")]
EPOQUES += [(2013, "2001_2013"), (2025, "apres_2013")]

Cle = tuple[str, str, str]  # code, mesure, periode


@pytest.fixture(scope="module")
def extraits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    stock.write_stock(folder, etablissements=18_000, logements=2000, seed=7, quartiers=QUARTIERS)
    return folder


@pytest.fixture(scope="module")
def counted(extraits: Path, tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """The build database with dbt's counts in it."""
    layout = build(extraits, tmp_path_factory.mktemp("data"), edition(str(ANNEE), str(AVANT)))
    # Tests that also ask a model that is not built here are left to whole builds.
    words = ("--indirect-selection", "buildable", "--exclude", "resource_type:unit_test")
    dbt(layout, "build", "--select", "+int_mesures", *words)
    return layout


def read(path: Path) -> list[dict]:
    with duckdb.connect() as con:
        found = con.execute("select * from read_parquet($1)", [str(path)])
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def expected_sirene(folder: Path) -> Counter[Cle]:
    """Every non-zero count of the Sirene files, one establishment at a time."""
    points = {p["siret"]: p for p in read(folder / stock.GEOLOCALISATION)}
    alone = {
        u["siren"]
        for u in read(folder / stock.UNITES_LEGALES)
        if int(u["categorieJuridiqueUniteLegale"]) == 1000
    }
    counts: Counter[Cle] = Counter()
    for unit in read(folder / stock.ETABLISSEMENTS):
        point = points.get(unit["siret"])
        for year in ("24", "15") if point else ():
            code = point[f"plg_qp{year}"]
            if code in (None, "HZ", "CSZ"):
                continue
            unsure = point[f"qualite_qp{year}"] == "3" or point["qualite_xy"] == "33"
            made: date | None = unit["dateCreationEtablissement"]
            sides = [("sirene_actifs", "2026-09-01")]
            if unit["etatAdministratifEtablissement"] != "A":
                sides = []
            if made and made.year in ANNEES:
                sides.append(("sirene_crees", str(made.year)))
            for title, period in sides:
                for suffix in ["_localisation_incertaine"] if unsure else said(unit, alone, title):
                    counts[code, title + suffix, period] += 1
    return counts


def said(unit: dict, alone: set[str], title: str) -> list[str]:
    """What an establishment adds to, as suffixes."""
    activity = unit["activitePrincipaleEtablissement"]
    known = activity and unit["nomenclatureActivitePrincipaleEtablissement"] == "NAFRev2"
    found = ["", "_section_" + (SECTIONS.get(activity[:2], "inconnue") if known else "inconnue")]
    if unit["siren"] in alone:
        found.append("_entrepreneurs_individuels")
    if title == "sirene_actifs":
        found.append("_" + BANDES.get(unit["trancheEffectifsEtablissement"], "50_salaries_plus"))
        made = unit["dateCreationEtablissement"]
        if made and not 1900 <= made.year <= 2026:
            found.append("_date_impossible")
        if unit["statutDiffusionEtablissement"] == "P":
            found.append("_diffusion_partielle")
    return found


def expected_rpls(folder: Path) -> Counter[Cle]:
    """Every non-zero count of the file of dwellings in both perimeters, one line at a time."""
    counts: Counter[Cle] = Counter()
    header, *lines = (folder / "rpls_logements_2025.csv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        unit = dict(zip(header.split(";"), line.split(";"), strict=True))
        for year in ("24", "15"):
            code = unit[f"PLG_QP{year}"]
            if not code.startswith("Q"):
                continue
            add = [(name, 1) for name in dwelling(unit)]
            if unit["QPV_CODE"] == "1":
                add.append(("declares_et_localises", 1))
            if unit["NBPIECE"]:
                add.append(("pieces", int(unit["NBPIECE"])))
            if unit[f"QUALITE_QP{year}"] == "3" or unit["QUALITE_XY"] == "33":
                add = [("localisation_incertaine", 1)]
            for name, number in add:
                counts[code, f"rpls_detail_{name}", "2025-01-01"] += number
    return counts


def dwelling(unit: dict[str, str]) -> list[str]:
    kinds = {"C": "collectifs", "I": "individuels", "E": "etudiants"}
    found = ["logements", kinds[unit["TYPECONST_CODE"]]]
    rooms = unit["NBPIECE"]
    if rooms:
        bands = {"1": "1_piece", "2": "2_pieces", "3": "3_pieces", "4": "4_pieces"}
        found += ["pieces_connues", bands.get(rooms, "5_pieces_plus")]
    if unit["CONSTRUCT"] not in ("", "0", "9999"):
        built = int(unit["CONSTRUCT"])
        found += ["epoque_connue", next(name for last, name in EPOQUES if built <= last)]
    if unit["DPEENERGIE"]:
        found += ["dpe_etiquetes", f"dpe_{unit['DPEENERGIE'].lower()}"]
    return found


def seen(layout: Layout, model: str) -> dict[Cle, tuple[float | None, str]]:
    query = f"select code_territoire, mesure, periode, valeur, statut from intermediate.{model}"
    return {(code, m, p): (valeur, statut) for code, m, p, valeur, statut in rows(layout, query)}


def test_sirene_counts_are_those_made_by_hand(counted: Layout, extraits: Path) -> None:
    found, wanted = seen(counted, "int_sirene__qpv"), expected_sirene(extraits)
    covered = {key: value for key, (value, statut) in found.items() if statut == "diffuse"}
    assert covered == {key: wanted[key] for key in covered}
    in_mayotte = {key for key in wanted if key[0][2:5] == "976"}
    assert wanted.keys() - in_mayotte <= covered.keys()
    assert {found[key] for key in in_mayotte} == {(None, "hors_champ")}
    assert 0 in covered.values() and sum(covered.values()) > 1000
    assert {key[0][:2] for key in covered} == {"QP", "QN"}
    assert len({key[1] for key in wanted if "_section_" in key[1]}) > 40


def test_a_zero_is_there_for_every_quarter_and_mesure(counted: Layout) -> None:
    [(mesures,)] = rows(
        counted,
        f"select count(distinct (mesure, periode)) from edition.plan where source_id = '{SIRENE}'",
    )
    assert len(seen(counted, "int_sirene__qpv")) == mesures * 2 * QUARTIERS


def test_sentinels_are_no_quarters_and_impossible_dates_no_creations(counted: Layout) -> None:
    codes = {
        code
        for (code,) in rows(
            counted, "select distinct code_qpv from intermediate.int_sirene__comptes"
        )
    }
    assert codes <= {*stock.codes("2015", QUARTIERS), *stock.codes("2024", QUARTIERS)}
    years = rows(counted, "select distinct annee_creation from intermediate.int_sirene__comptes")
    assert {year for (year,) in years} == {None, *ANNEES}
    dirty = "select count(*) from staging.stg_insee__sirene_etablissements where {}"
    [(odd,)] = rows(counted, dirty.format("year(date_creation) not between 1900 and 2026"))
    assert odd > 30


def test_dwellings_are_counted_as_by_hand(counted: Layout, extraits: Path) -> None:
    found, wanted = seen(counted, "int_rpls__qpv"), expected_rpls(extraits)
    covered = {key: value for key, (value, statut) in found.items() if statut == "diffuse"}
    assert covered == {key: wanted[key] for key in covered}
    assert wanted.keys() == {key for key, value in covered.items() if value}
    assert {key[0][:2] for key in covered} == {"QN", "QP"}


def test_vacancy_needs_its_column(counted: Layout, tmp_path: Path) -> None:
    query = (
        "select statut, any_value(motif) from intermediate.int_rpls__qpv where bloc = 'occupation' "
    )
    [(statut, motif)] = rows(counted, query + "and perimetre = '2024' group by statut")
    assert statut == "non_disponible" and "colonne MODE" in motif
    stock.write_stock(
        tmp_path / "s", etablissements=50, logements=400, quartiers=QUARTIERS, mode=True
    )
    layout = build(tmp_path / "s", tmp_path / "data", edition(str(ANNEE)))
    dbt(layout, "run", "--select", "+int_rpls__qpv")
    text = (tmp_path / "s" / "rpls_logements_2025.csv").read_text(encoding="utf-8")
    header, *lines = (line.split(";") for line in text.splitlines())
    at = [header.index(name) for name in ("PLG_QP24", "QUALITE_QP24", "QUALITE_XY", "MODE")]
    cells = [[line[i] for i in at] for line in lines]
    vacant = sum(
        c.startswith("Q") and q != "3" and xy != "33" and mode == "2" for c, q, xy, mode in cells
    )
    total = (
        "select sum(valeur) from intermediate.int_rpls__qpv "
        "where perimetre = '2024' and mesure = 'rpls_detail_vacants'"
    )
    assert rows(layout, total) == [(vacant,)] and vacant > 0


def test_an_absent_companion_leaves_the_figures_unavailable(extraits: Path, tmp_path: Path) -> None:
    folder = tmp_path / "extraits"
    folder.mkdir()
    for path in extraits.iterdir():
        if path.name not in (stock.UNITES_LEGALES, "rpls_logements_2025.csv"):
            (folder / path.name).symlink_to(path)
    layout = build(folder, tmp_path / "data", edition(str(ANNEE)))
    dbt(layout, "run", "--select", "+int_mesures", "+int_disponibilites")
    said = rows(
        layout,
        "select mesure, statut, motif from intermediate.int_disponibilites "
        "where type_territoire = 'qpv' and mesure in ('sirene_actifs_entrepreneurs_individuels', "
        "'rpls_detail_logements') order by mesure",
    )
    assert said == [
        ("rpls_detail_logements", "non_disponible", "fichier absent : rpls_logements_2025.csv"),
        ("sirene_actifs_entrepreneurs_individuels", "non_disponible",
         f"fichier absent : {stock.UNITES_LEGALES}"),
    ]  # fmt: skip
    mesures = {m for (m,) in rows(layout, "select distinct mesure from intermediate.int_mesures")}
    assert "sirene_actifs" in mesures and not {m for m, _, _ in said} & mesures


@pytest.mark.parametrize("column", ["dateCreationEtablissement", "siret"])
def test_a_missing_column_is_refused_by_its_name(
    extraits: Path, tmp_path: Path, column: str
) -> None:
    path = tmp_path / stock.ETABLISSEMENTS
    with duckdb.connect() as con:
        con.execute(f"copy (select * exclude ({column}) from '{extraits / path.name}') to '{path}'")
    file = archive_local(path, archive=tmp_path / "archive", attendu="parquet")
    with pytest.raises(QpvError) as refused:
        inspect(REGISTRY[SIRENE], "2026", file, out=tmp_path / "out.parquet", lists={})
    assert f"colonne absente : {column}." in str(refused.value)
    assert f"fichier {stock.ETABLISSEMENTS}" in str(refused.value)


def test_a_csv_cut_in_a_row_is_refused(extraits: Path, tmp_path: Path) -> None:
    text = (extraits / "rpls_logements_2025.csv").read_text(encoding="utf-8")
    path = tmp_path / "rpls_logements_2025.csv"
    path.write_text(text[: len(text) - 60], encoding="utf-8")
    file = archive_local(path, archive=tmp_path / "archive", attendu="csv")
    with pytest.raises(QpvError, match="illisible ou tronqué"):
        inspect(REGISTRY[RPLS], "2025", file, out=tmp_path / "out.parquet", lists={})
