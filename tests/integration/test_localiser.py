"""`qpv localiser` and `qpv territoire`: hostile lists, what is written, for whom."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from pyproj import Transformer

from orchestration.own_outlines import QUARTIERS
from orchestration.partitions import REGISTRY
from tests.conftest import invoke_qpv
from warehouse.base.layout import Layout

DOCS = Path(__file__).parents[2] / "docs"
#: A square of one kilometre in Lambert 93, and an old quarter that overlaps half of it.
X, Y, COTE = 726_000, 7_025_000, 1_000
DEGRES = Transformer.from_crs(2154, 4326, always_xy=True)
HOSTILE = '=HYPERLINK("http://x")'


def square(x: float, y: float) -> dict:
    ring = [(x, y), (x + COTE, y), (x + COTE, y + COTE), (x, y + COTE), (x, y)]
    return json.loads(shapely.to_geojson(shapely.Polygon([DEGRES.transform(*p) for p in ring])))


def write(path: Path, properties: dict, geometry: dict) -> Path:
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    return path


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with the outlines of two generations and of a local perimeter."""
    write(tmp_path / "q24.geojson", {"code_qp": "QN05901M", "lib_qp": HOSTILE}, square(X, Y))
    old = {"CODE_QP": "QP059001", "NOM_QP": "Ancien"}
    write(tmp_path / "q15.geojson", old, square(X + COTE / 2, Y))
    local = {"code": "POCHE", "libelle": "Poche"}
    write(tmp_path / "local.geojson", local, square(X, Y + COTE / 2))
    return tmp_path


def at(x: float, y: float) -> str:
    """A point of the square, in degrees."""
    lon, lat = DEGRES.transform(X + x, Y + y)
    return f"{lon:.7f};{lat:.7f}"


def run(here: Path, *words: str) -> tuple[int, str]:
    outlines = ["--contours", str(here / "q24.geojson"), "--contours", str(here / "q15.geojson")]
    local = ["--perimetres-locaux", str(here / "local.geojson")]
    return invoke_qpv(*words, *outlines, *local, "--data", str(here / "data"))


def located(here: Path, text: str | bytes, *words: str) -> list[dict[str, str]]:
    """The rows that were written of a list."""
    path = here / "liste.csv"
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    code, said = run(here, "localiser", str(path), *words)
    assert code == 0, said
    written = (here / "liste_localisee.csv").read_text("utf-8")
    delimiter = max(";,\t", key=written.split("\n")[0].count)
    return list(csv.DictReader(io.StringIO(written), delimiter=delimiter))


def test_each_generation_answers_for_itself(here: Path) -> None:
    rows = located(
        here,
        "lon;lat\n"
        + "\n".join(at(*p) for p in ((250, 250), (750, 750), (1250, 250), (990, 250), (5000, 0))),
    )
    told = [(r["qpv_2015"], r["qpv_2024"], r["local"]) for r in rows]
    assert told == [
        ("hors", "dans", "hors"),
        ("dans", "dans", "dans"),
        ("dans", "hors", "hors"),
        ("dans", "incertain", "hors"),
        ("hors", "hors", "hors"),
    ]
    assert rows[1]["local_code"] == "LOC:POCHE"
    assert rows[3]["qpv_2024_limite_m"] == "10"
    assert rows[4]["qpv_2024_limite_m"] == ""


def test_projected_coordinates_are_read_in_their_projection(here: Path) -> None:
    rows = located(
        here, f"X_L93;Y_L93;epsg\n{X + 500};{Y + 250};2154\n338000;7636000;2975\n1;2;3\n"
    )
    assert [r["qpv_2024"] for r in rows] == ["dans", "hors", ""]
    assert rows[2]["lieu_motif"] == "projection inconnue"


def test_what_is_written_is_its_owner_s_and_no_formula(here: Path) -> None:
    rows = located(here, f"nom;lon;lat\n=1+1;{at(500, 250)}\n-12;{at(500, 250)}\n@x;{at(9, 9)}\n")
    assert [r["nom"] for r in rows] == ["'=1+1", "-12", "'@x"]
    assert rows[0]["qpv_2024_nom"] == f"'{HOSTILE}"
    mode = stat.S_IMODE((here / "liste_localisee.csv").stat().st_mode)
    assert mode == 0o600


@pytest.mark.parametrize("folder", ["data", "data/releases/r", "copie/tables"])
def test_nothing_of_a_list_is_written_where_things_are_published(here: Path, folder: str) -> None:
    (here / folder).mkdir(parents=True)
    (here / "copie").mkdir(exist_ok=True)
    (here / "copie/RELEASE.json").write_text("{}")
    (here / "liste.csv").write_text(f"lon;lat\n{at(500, 250)}\n")
    out = here / folder / "sortie.csv"
    code, said = run(here, "localiser", str(here / "liste.csv"), "--sortie", str(out))
    assert (code, out.exists()) == (1, False)
    assert "là où l'on publie" in said


POINT = "3.36;50.32"
#: What is wrong with a row of coordinates, and how it is said.
ROWS = {
    ";": "coordonnées absentes",
    "nan;50.3": "coordonnées illisibles",
    "inf;-inf": "coordonnées illisibles",
    "1e400;50": "coordonnées illisibles",
    "50.32;3.36": "longitude et latitude inversées",
    "-122;37": "hors de France",
    f"{'9' * 5000};50": "coordonnées illisibles",
    "=3.36;50.32": "coordonnées illisibles",
}


def test_each_row_without_a_place_says_why(here: Path) -> None:
    text = "lon;lat\n" + "".join(f"{row}\n" for row in ROWS) + f"3;50;trop\n{POINT}\n"
    rows = located(here, text)
    for row, (asked, wanted) in zip(rows, ROWS.items(), strict=False):
        assert row["lieu_motif"].startswith(wanted), asked
    assert rows[-1]["lieu_motif"] == ""
    _, said = run(here, "localiser", str(here / "liste.csv"), "--sortie", str(here / "b.csv"))
    assert "ligne d'un autre nombre de cellules, non reprise : 1" in said
    assert re.search(r"coordonnées illisibles : 5\b", said)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"\ufefflon,lat\n{POINT.replace(';', ',')}\n", id="BOM and commas"),
        pytest.param(f"lon\tlat\r\n{POINT.replace(';', chr(9))}\r\n", id="tabs and CRLF"),
        pytest.param(f"\n\nLongitude;Latitude;é\n{POINT};à\n".encode("cp1252"), id="cp1252"),
        pytest.param('"lon";"lat";"x"\n3,36;"50,32";"a\n""b"""\n', id="a cell of two lines"),
        pytest.param(f"lon;lat;x\n{POINT};{'z' * 120_000}\n", id="a huge cell"),
    ],
)  # fmt: skip
def test_every_way_of_writing_a_list_is_read(here: Path, text: str | bytes) -> None:
    assert [row["lieu_motif"] for row in located(here, text)] == [""]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "la liste est vide"),
        (b"\n \n", "la liste est vide"),
        (b"lon;lat\n", "aucune ligne"),
        (b"nom;prenom\na;b\n", "ni coordonnées ni adresses"),
        (b"lon;lat;LON\n3;50;3\n", "deux colonnes"),
        (b'lon;lat\n3;"50\n', "guillemet"),
        (b"lon;lat\n50;3\n49;2\n", "longitude et latitude inversées : 2 ligne(s)"),
        (b"lon;lat\n3;50;1\n", "d'un autre nombre de cellules"),
        (b"PK\x03\x04lon;lat", "classeur"),
        ("lon;lat\n3;50\n".encode("utf-16"), "UTF-16"),
        (b"lon;lat\n\x00;50\n", "octets nuls"),
        pytest.param(
            b"lon;" + b"x" * 140_000 + b"\n3;50\n", "ligne d'en-tête illisible", id="long"
        ),
        pytest.param(b'lon"x;lat\n3"5;50\n', "ligne d'en-tête illisible", id="quote"),
        (b"lon;lat;qpv_2024\n3.36;50.32;x\n", "a sans doute été localisée"),
    ],
)
def test_a_file_that_is_no_list_is_one_paragraph(here: Path, content: bytes, said: str) -> None:
    path = here / "liste.csv"
    path.write_bytes(content)
    code, output = run(here, "localiser", str(path))
    assert code == 1
    assert said in output
    assert len(output.strip().splitlines()) == 1
    assert not (here / "liste_localisee.csv").exists()
    assert not (here / "data/build/erreur.log").exists()


def test_without_any_outline_it_says_where_to_have_some(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("lon;lat\n3;50\n")
    code, said = invoke_qpv("localiser", str(tmp_path / "l.csv"), "--data", str(tmp_path / "d"))
    assert code == 1
    assert "--contours" in said


BAN = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;"
    "code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat;type_position\n"
)


def made_up_base() -> str:
    denain, vallee = ("59220", "59172", "Denain"), ("49120", "49092", "Chemillé-en-Anjou")
    paris = ("75011", "75111", "Paris 11e Arrondissement")
    rows = [
        ("12", "", "Rue de la République", *denain, "", "", (500, 250), "entrée"),
        ("12", "bis", "Rue de la République", *denain, "", "", (510, 250), "entrée"),
        ("40", "", "Rue de la République", *denain, "", "", (990, 250), "segment"),
        ("5", "", "Avenue du Général de Gaulle", *denain, "", "", (500, 900), ""),
        ("3", "", "Rue Oberkampf", *paris, "", "", (5e3, 5e3), "entrée"),
        ("7", "", "Rue du Puits", *vallee, "49281", "Melay", (500, 500), "entrée"),
        ("7", "", "Rue du Puits", *vallee, "49300", "Valanjou", (9e3, 9e3), "entrée"),
    ]
    lines = []
    for numero, rep, voie, cp, insee, commune, old, name, place, kind in rows:
        lines.append(
            f"x;;{numero};{rep};{voie};{cp};{insee};{commune};{old};{name};;;{at(*place)};{kind}\n"
        )
    return BAN + "".join(lines)


#: An address as people write it → what is found of it.
ADDRESSES = {
    "12 rue de la république,59220,DENAIN": ("dans", "12 Rue de la République", "1"),
    '"12 bis, r. de la Republique",59220,Denain': ("dans", "12b Rue de la République", "1"),
    "12 ter rue de la republique,59220,Denain": ("dans", "12 Rue de la République", "0.9"),
    "12 rue de la Républiqe,59220,Denain": ("dans", "12 Rue de la République", "0.95"),
    "5 av. Gal de Gaulle,59220,Denain": ("dans", "5 Avenue du Général de Gaulle", "1"),
    "40 rue de la République,59220,Denain": ("incertain", "40 Rue de la République", "1"),
    "rue de la République,59220,Denain": ("incertain", "Rue de la République", "0.6"),
    "3 rue Oberkampf,75011,Paris": ("hors", "3 Rue Oberkampf", "1"),
    "3 rue Oberkampf,,Paris 11ème": ("hors", "3 Rue Oberkampf", "1"),
    "7 rue du Puits,49120,Melay": ("dans", "7 Rue du Puits", "1"),
    "7 rue du Puits,49120,Chemillé-en-Anjou": ("adresse ambiguë", "", ""),
    "5 rue du Général de Gaulle,59220,Denain": ("adresse introuvable", "", ""),
    "7 rue inconnue,59220,Denain": ("adresse introuvable", "", ""),
    ",59220,Denain": ("adresse absente", "", ""),
    "1 rue X,01000,Bourg": ("commune introuvable", "", ""),
}


@pytest.mark.parametrize("zipped", [False, True])
def test_addresses_are_found_in_a_local_file(here: Path, zipped: bool) -> None:
    base = here / f"adresses-59.csv{'.gz' if zipped else ''}"
    content = made_up_base().encode("utf-8")
    base.write_bytes(gzip.compress(content) if zipped else content)
    text = "adresse,code_postal,commune\n" + "".join(f"{a}\n" for a in ADDRESSES)
    rows = located(here, text, "--adresses", str(base))
    for row, (asked, (answer, address, score)) in zip(rows, ADDRESSES.items(), strict=True):
        assert (row["qpv_2024"] or row["lieu_motif"]).startswith(answer), asked
        assert row["lieu_adresse"].startswith(address), asked
        found = row["lieu_score"]
        assert found == score or abs(float(found) - float(score)) < 0.04, asked


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("b.csv", b"a;b\n1;2\n", "base adresse nationale"),
        ("b.csv.gz", b"a;b\n1;2\n", "archive gzip illisible"),
        ("b.csv.gz", gzip.compress(b"a;b\n1;2\n", mtime=0)[:-9], "archive gzip illisible"),
        ("b.csv.gz", gzip.compress(b"", mtime=0)[:10] + b"\xff" * 50, "archive gzip illisible"),
    ],
    ids=["other columns", "no gzip", "cut", "damaged"],
)
def test_a_file_that_is_no_address_base_is_refused(
    here: Path, name: str, content: bytes, wanted: str
) -> None:
    (here / "liste.csv").write_text("adresse\n1 rue X\n")
    (here / name).write_bytes(content)
    words = ["localiser", str(here / "liste.csv"), "--adresses", str(here / name)]
    code, said = run(here, *words)
    assert code == 1
    assert wanted in said
    assert "inattendue" not in said


@pytest.mark.parametrize("insee", ["7510²", "7" * 5000, "75111"], ids=["²", "long", "known"])
def test_a_code_of_commune_is_whatever_people_wrote(here: Path, insee: str) -> None:
    (here / "base.csv").write_text(made_up_base(), "utf-8")
    text = f"adresse,code_insee\n3 rue Oberkampf,{insee}\n"
    text += "12 rue de la République,59172\n"
    rows = located(here, text, "--adresses", str(here / "base.csv"))
    known = insee == "75111"
    assert rows[0]["lieu_motif"].startswith("" if known else "commune introuvable")
    assert [bool(row["lieu_motif"]) for row in rows] == [not known, False]


@pytest.mark.parametrize(
    ("lieu", "said"),
    [
        (at(500, 250).replace(";", ","), "dans '=HYPERLINK"),
        (at(1012, 250).replace(";", ","), "à 12 m : à vérifier sur le site officiel, https://sig"),
        (at(1240, 250).replace(";", ","), "hors quartier ; le plus proche"),
        ("-1.55,47.2", "hors quartier"),
        ("12 rue de la République, 59220 Denain", "dans '=HYPERLINK"),
    ],
)
def test_one_place_is_told(here: Path, lieu: str, said: str) -> None:
    base = here / "base.csv"
    base.write_text(made_up_base(), "utf-8")
    code, output = run(here, "territoire", lieu, "--adresses", str(base))
    assert code == 0, output
    assert said.replace("'=", "=") in output
    assert output.count("QPV 2015 : ") == output.count("QPV 2024 : ") == 1


@pytest.mark.parametrize(
    ("lieu", "said"),
    [
        ("50.329,3.389", "longitude et latitude sont inversées"),
        ("1,2", "loin de la France"),
        ("12 rue de la République, 59220 Denain", "--adresses"),
    ],
)
def test_what_is_no_place_is_one_paragraph(here: Path, lieu: str, said: str) -> None:
    code, output = run(here, "territoire", lieu)
    assert code == 1
    assert said in output
    assert len(output.strip().splitlines()) == 1


def test_the_list_itself_is_never_written_over(here: Path) -> None:
    path = here / "liste.csv"
    path.write_text(text := f"lon;lat\n{at(500, 250)}\n{at(500, 250)}\n")
    code, said = run(here, "localiser", str(path), "--sortie", str(path))
    assert (code, path.read_text()) == (1, text)
    assert "serait écrasée" in said
    _, said = run(here, "localiser", str(path))
    assert "Lignes égales en tout à une autre : 1, gardées" in said


def test_the_page_says_every_column_that_is_written(here: Path) -> None:
    (here / "base.csv").write_text(made_up_base(), "utf-8")
    text = "adresse,code_postal,commune\n12 rue de la République,59220,Denain\n"
    words = ["--adresses", str(here / "base.csv"), "--a-moins-de", "300", "--comptes", "commune"]
    [row] = located(here, text, *words)
    page = (DOCS / "localiser.md").read_text("utf-8")
    with (here / "liste_comptes_commune.csv").open(encoding="utf-8") as content:
        counts = next(csv.reader(content))
    for header in [*row, *counts]:
        said = header.replace("qpv_2015", "qpv_2024").replace("local", "qpv_2024")
        assert f"`{said}`" in page, header


def test_the_outlines_of_a_release_serve_where_none_landed(tmp_path: Path) -> None:
    release = tmp_path / "data/releases/r"
    (release / "tables").mkdir(parents=True)
    (release / "RELEASE.json").write_text("{}")
    (release.parent / "latest").symlink_to("r")
    told = {"code_qpv": "QN05901M", "libelle": "A", "reserve_contour": "contours simplifiés"}
    outlines = write(release / "tables/contours.geojson", told, square(X, Y))
    lieu = at(30, 250).replace(";", ",")
    words = ["territoire", lieu, "--data", str(tmp_path / "data")]
    code, said = invoke_qpv(*words)
    assert code == 0, said
    assert "limite de A (QN05901M) à 30 m : à vérifier" in said  # 45 m where it is simplified
    assert "QPV 2015 : aucun contour ici" in said
    (release / "SHA256SUMS").write_text(f"{'0' * 64}  tables/contours.geojson\n")
    outlines.write_text(outlines.read_text() + " ")
    code, said = invoke_qpv(*words)
    assert code == 1
    assert "la publication est abîmée" in said
    # Once the outlines have landed, those of the release are not read at all.
    landed = Layout(tmp_path / "data").landed(QUARTIERS, max(REGISTRY[QUARTIERS].millesimes))
    landed.parent.mkdir(parents=True)
    row = {"perimetre": "2024", "code": "QN05901M", "libelle": "A", "fichier": "contours.geojson"}
    drawn = json.dumps(json.loads(outlines.read_text())["features"][0]["geometry"])
    pq.write_table(pa.Table.from_pylist([row | {"geometrie": drawn}]), landed)
    code, said = invoke_qpv(*words)
    assert code == 0, said
    assert "dans A (QN05901M)" in said


def test_a_row_without_coordinates_is_looked_for_by_its_address(here: Path) -> None:
    (here / "base.csv").write_text(made_up_base(), "utf-8")
    address = "12 rue de la République;59220;Denain\n"
    text = f"lon;lat;adresse;cp;ville\n{at(1500, 250)};{address};;{address}nan;3;{address}"
    rows = located(here, text, "--adresses", str(here / "base.csv"))
    assert [r["qpv_2024"] for r in rows] == ["hors", "dans", ""]
    assert [r["lieu_score"] for r in rows] == ["", "1", ""]
    assert rows[2]["lieu_motif"] == "coordonnées illisibles"
