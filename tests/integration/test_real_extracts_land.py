"""The real national extracts land whole: every column is explained, known counts hold.

They stay outside the repository (../shared/data/extracts, ../shared/extracts_plus): without them
these tests are skipped.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from ingest.archive import ArchivedFile
from ingest.extracts_folder import ExtractsFolder
from ingest.file_parts import Partie
from ingest.header_names import fill
from ingest.landing import land
from ingest.readers import read_table
from ingest.registry import Registry, Source, load_registry
from tests.fixtures.landed_extracts import Landed
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import header_key

#: Files of the extracts that no source reads, and why.
UNREAD = {
    "DEMO_2021.csv": "the same figures as data_DEMO_2021_V1_QP.csv, which is preferred",
    "epci_communes_2020.csv": "the composition of insee_epci_2020.csv, which is preferred",
    "insee_cog_regions_2021.csv": "regions have their names in `noms.yml`",
    "departements.json": "outlines",
    "regions.json": "outlines",
    "qpv2024_simplified.geojson": "whole outlines are preferred",
    "departements_2018_simplified.geojson": "outlines",
}

TERRITOIRES = {
    ("anct_liste_qpv", "2015"): 1436,
    ("anct_liste_qpv", "2024"): 1584,
    ("anct_contours", "2024"): 1584,
    ("ign_communes", "2018"): 35357,
    ("insee_demo", "2017"): 1345,
    ("insee_demo", "2018"): 1345,
    ("insee_demo", "2019"): 1345,
    ("insee_demo", "2020"): 1400,
    ("insee_demo", "2021"): 1400,
    ("insee_demo", "2022"): 1400,
    ("insee_ipro", "2017"): 1345,
    ("insee_ipro", "2018"): 1345,
    ("insee_ipro", "2019"): 1345,
    ("insee_ipro", "2020"): 1345,
    ("insee_ipro", "2021"): 1345,
    ("insee_ipro", "2022"): 1345,
    ("insee_revn", "2017"): 1345,
    ("insee_revn", "2018"): 1345,
    ("insee_revn", "2019"): 1352,
    ("insee_revn", "2021"): 1352,
    ("insee_revn", "2022"): 1352,
    ("insee_filosofi", "2016"): 1352,
    ("insee_filosofi", "2018"): 1352,
    ("insee_filosofi", "2021"): 1296,
    ("insee_population", "2018"): 1436,
    ("insee_qpv_epci", "2021"): 1296,
    ("sdes_rpls", "2022"): 1400,
    ("insee_rp", "2010"): 1292 + 7,  # and sets of them
    ("insee_rp_nationalite", "2022"): 34877 + 100 + 2,
    ("compilation_qpv", "2024"): 1518,
}

#: NOTE_CNAF of the Démographie base → number of QPV, as counted in the files themselves.
NOTES_CNAF = {
    "2017": {"0": 1336, "3": 2, "4": 4, "5": 3},
    "2018": {"0": 1319, "3": 2, "4": 2, "5": 22},
    "2019": {"0": 1332, "5": 13},
    "2020": {"": 55, "0": 1322, "3": 1, "5": 22},
    "2021": {"0": 1370, "3": 3, "5": 27},
    "2022": {"0": 1373, "3": 3, "5": 24},
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


def test_every_file_of_the_extracts_is_read_or_known_to_be_left(
    all_extracts: tuple[Path, ...], extracts_landed: dict[tuple[str, str], Landed]
) -> None:
    read = {file.nom for one in extracts_landed.values() for _, file in one.files}
    files = [p for folder in all_extracts for p in folder.rglob("*") if p.is_file()]
    present = {p.name for p in files if p.suffix != ".md"}
    assert present - read == set(UNREAD)


def _rows(file: ArchivedFile, source: Source, partie: Partie) -> list[list[str]]:
    """Header and rows of a part, by nothing but the standard library (and the workbook's own
    reader)."""
    if file.nom.endswith(".geojson"):
        features = json.loads(file.path.read_text(encoding="utf-8"))["features"]
        header = list(dict.fromkeys(name for f in features for name in f["properties"]))
        return [header, *([str(f["properties"].get(h)) for h in header] for f in features)]
    if file.nom.endswith(".json"):
        entries = json.loads(file.path.read_text(encoding="utf-8"))
        header = list(dict.fromkeys(name for entry in entries for name in entry))
        return [header, *([str(entry.get(h)) for h in header] for entry in entries)]
    if file.nom.endswith(".xls"):
        book = CalamineWorkbook.from_path(str(file.path))
        sheet = book.get_sheet_by_name(partie.feuille or source.feuille)
        rows = [[str(cell) for cell in row] for row in sheet.to_python()]
        # The set of all quarters has no code.
        return [row for row in rows if row[1] or (partie.feuille and row[0][:12] == "Ensemble des")]
    text = file.path.read_bytes().decode("utf-8-sig")
    separator = ";" if ";" in text[:200] else ","
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(row)]
    if partie.lignes:
        at = rows[0].index(partie.lignes.entete)
        rows = [rows[0], *(row for row in rows if row[at] in partie.lignes.valeurs)]
    return rows


def _fate(header: str, partie: Partie, one: Landed) -> list[str]:
    """All that the registry says of one column of one file."""
    source, millesime, key = one.source, one.millesime, header_key(header)
    keys = [partie.entete_cle, *([partie.lignes.entete] if partie.lignes else [])]
    found = ["key"] if key in map(header_key, keys) else []
    for bloc in source.millesimes[millesime].periodes:
        headers = [h for _, h, _ in source.columns_of(bloc, millesime)]
        found += [f"{bloc} lands" for h in headers if header_key(h) == key]
        headers = [h for _, h, _ in source.witnesses_of(bloc, millesime)]
        found += ["witness" for h in headers if header_key(h) == key]
        if communes := source.blocs[bloc].communes:
            found += ["witness"] if header_key(communes.liste) == key else []
        note = source.note_of(bloc, millesime)
        found += ["note"] if note and header_key(note) == key else []
    edition = source.millesimes[millesime]
    for attribut in source.attributs:
        own = fill(edition.entetes.get(attribut.nom, attribut.entete), millesime)
        found += ["attribute"] if header_key(own) == key else []
    if not found:
        found = [
            f"left: {i.raison.strip()}"
            for i in source.colonnes_ignorees
            if re.fullmatch(i.entete, header.strip(), re.IGNORECASE) and i.raison.strip()
        ]
    return found


def test_every_header_of_every_file_has_a_fate(
    extracts_landed: dict[tuple[str, str], Landed],
) -> None:
    """Landed, key, NOTE, witness, attribute, or left aside with a reason; no name, no value."""
    unexplained, counted = [], Counter()
    for one in extracts_landed.values():
        for partie, file in one.files:
            header, *rows = _rows(file, one.source, partie)
            edition = one.source.millesimes[one.millesime]
            unnamed = any(i.entete == "" for i in edition.colonnes_ignorees)
            for at, name in enumerate(header):
                if not name.strip() or name.startswith("Unnamed: "):  # as pandas saves no name
                    filled = any(row[at].strip() for row in rows if at < len(row))
                    assert unnamed or not filled, file.nom
                    continue
                fate = _fate(name, partie, one)
                counted[fate[0].partition(":")[0].split()[-1] if fate else ""] += 1
                if not fate:
                    unexplained.append((file.nom, name))
    assert unexplained == []
    assert counted["lands"] > 800 and min(counted.values()) > 5, counted


def test_every_figure_of_every_column_lands(
    extracts_landed: dict[tuple[str, str], Landed], extracts_cells: duckdb.DuckDBPyConnection
) -> None:
    compared = 0
    for one in extracts_landed.values():
        if one.source.nature != "mesures":
            continue
        landed, printed = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        for partie, file in one.files:
            header, *rows = _rows(file, one.source, partie)
            aside = {
                name
                for bloc in one.source.millesimes[one.millesime].periodes
                for column, name, _ in one.source.columns_of(bloc, one.millesime)
                if column.mesure in partie.sans
            }
            keys = [header_key(h) for h in header]
            at = keys.index(header_key(partie.entete_cle))
            left = [i.entete for i in one.source.lignes_ignorees]
            rows = [r for r in rows if not any(re.fullmatch(p, r[at]) for p in left)]
            if partie.seulement:  # `test_comparators` says which communes they are
                there = "select distinct code_territoire from toutes_les_cellules where fichier = ?"
                codes = {c for (c,) in extracts_cells.execute(there, [file.nom]).fetchall()}
                kind = "IRIS" if partie.cle == "iris" else "COM"
                rows = [r for r in rows if f"{kind}:{r[at]}" in codes]
                assert len(rows) > 800
            if partie.lignes_repetees:
                rows = list({r[at]: r for r in reversed(rows)}.values())
            found = dict(
                extracts_cells.execute(
                    "select entete, count(*) filter (statut = 'diffuse') "
                    "from toutes_les_cellules where fichier = ? and source_id = ? group by entete",
                    [file.nom, one.source.id],
                ).fetchall()
            )
            for entete in found.keys() - aside:
                # AAH of a third party, too low above the EPCI: D59, R32 and FR do not enter.
                kept = [r for r in rows if not (entete.startswith("aah_") and r[at][0] in "DRF")]
                column = [r[keys.index(header_key(entete))].strip() for r in kept]
                written = [text for text in column if text not in ("", ".", "s", "nd")]
                # One file may make several parts: its cells are those of all of them.
                printed[file.nom, entete] += len(written)
                landed[file.nom, entete] = found[entete]
        assert landed == printed
        compared += len(landed)
    assert compared > 800


def test_the_territories_are_as_many_as_known(
    extracts_landed: dict[tuple[str, str], Landed],
) -> None:
    counted = {key: one.report.territoires for key, one in extracts_landed.items()}
    assert {key: counted.get(key) for key in TERRITOIRES} == TERRITOIRES


def test_the_notes_are_as_many_as_known_and_leave_no_value(
    extracts_cells: duckdb.DuckDBPyConnection,
) -> None:
    counted: dict[str, dict[str, int]] = {m: {} for m in NOTES_CNAF}
    for millesime, note, count in extracts_cells.sql(
        "select millesime, note, count(distinct code_territoire) from cellules "
        "where source_id = 'insee_demo' and bloc = 'caf' group by all"
    ).fetchall():
        counted[millesime][note] = count
    assert counted == NOTES_CNAF
    found = extracts_cells.sql(
        "select note, statut, count(valeur) from cellules "
        "where note not in ('0', '1') group by all order by all"
    ).fetchall()
    assert {(note, statut, values) for note, statut, values in found} == {
        ("", "hors_champ", 0),
        ("2", "non_diffuse", 0),  # an IRIS
        ("3", "non_diffuse", 0),
        ("4", "non_diffuse", 0),
        ("5", "non_diffuse", 0),
        ("6", "non_diffuse", 0),
        ("so", "secret_producteur", 0),
    }


def test_the_known_figures_of_each_producer(extracts_cells: duckdb.DuckDBPyConnection) -> None:
    def one(sql: str) -> tuple:
        return extracts_cells.sql(f"select {sql}").fetchall()[0]

    metro = "left(code_territoire, 4) <> 'QP97' and source_id = 'insee_ipro' and millesime = '2022'"
    assert one(f"sum(valeur) from cellules where mesure = 'ft_defm_abc' and {metro}") == (696_449,)
    assert one(f"sum(valeur) from cellules where mesure = 'ft_defm_a' and {metro}") == (454_409,)
    assert one("min(valeur) from cellules where bloc = 'caf' and producteur = 'cnaf' "
               "and source_id <> 'cnaf_minima_territoires'") == (5,)  # fmt: skip
    assert one("min(valeur) from cellules where mesure = 'rpls_logements'") == (11,)
    blank = "count(*) filter (statut <> 'diffuse') from cellules where mesure = 'filo_mediane'"
    filosofi = "and source_id = 'insee_filosofi' and millesime"
    assert one(f"{blank} {filosofi} = '2021'") == (288,)
    assert one(f"{blank} {filosofi} in ('2016', '2018')") == (0,)


def test_a_value_is_there_if_and_only_if_it_is_diffused(
    extracts_cells: duckdb.DuckDBPyConnection,
) -> None:
    [(wrong, total)] = extracts_cells.sql(
        "select count(*) filter ((valeur is null) = (statut = 'diffuse') "
        "or (motif is null and statut <> 'diffuse')), count(*) from cellules"
    ).fetchall()
    assert wrong == 0 and total > 850_000


@pytest.mark.parametrize(
    ("source", "nom", "millesime", "twins"),
    [
        ("insee_demo", "DEMO_2019.csv", "2021", "2017 ou 2018 ou 2019 ou 2020"),
        ("insee_ipro", "IPRO_2019.csv", "2022", "2019"),
        ("insee_revn", "REVN_2021.csv", "2022", "2021"),
        ("insee_filosofi", "data_filo16_qp_revdis.csv", "2018", "2016"),
    ],
)
def test_a_file_of_another_edition_is_refused_naming_it(
    extracts: Path,
    registry: Registry,
    tmp_path: Path,
    source: str,
    nom: str,
    millesime: str,
    twins: str,
) -> None:
    path = ExtractsFolder(extracts).find([nom]).path
    file = ArchivedFile(path, "", 0, nom, nom, "", None, False)
    one, partie = registry[source], registry[source].parts_of(millesime)[0]
    with pytest.raises(QpvError) as refused:
        land(one, millesime, [(partie, file)], out=tmp_path / "x.parquet", codes_qpv=None)
    said = (
        f"celui du millésime {millesime} de {source} ; cet en-tête est celui du millésime {twins}."
    )
    assert said in str(refused.value)
    assert f"fichier {nom}" in str(refused.value)


def _workbook(path: Path) -> dict:
    return {"path": path, "nom": "base.xls", "fmt": "xls", "entete_cle": "qp", "membre": None}


@pytest.mark.parametrize("feuille", [None, "Quartiers"])
def test_the_workbook_whose_header_is_lower_down_is_readable(
    extracts: Path, feuille: str | None
) -> None:
    path = ExtractsFolder(extracts).find(["demographie_2010_qpv.xls"]).path
    table = read_table(**_workbook(path), feuille=feuille)
    assert (table.feuille, len(table.header), table.header[:3]) == (
        "Quartiers", 65, ["NOM_QP", "qp", "listcom"],
    )  # fmt: skip
    labels, (number, first) = table.rows[0], table.rows[1]
    assert (labels[0], labels[1][1]) == (7, "Code du quartier")
    assert (number, first[1], first[5]) == (8, "QP001001", "1.1")
    assert len([1 for _, row in table.rows if re.fullmatch(r"QP\d\w\w\d{3}", row[1])]) >= 1290


def test_a_truncated_workbook_is_refused_without_traceback(extracts: Path, tmp_path: Path) -> None:
    """The last cut makes the reader's native code panic, which is no Exception."""
    content = ExtractsFolder(extracts).find(["demographie_2010_qpv.xls"]).path.read_bytes()
    for kept in (600, len(content) // 2, len(content) - 10):
        path = tmp_path / "objet"
        path.write_bytes(content[:kept])
        with pytest.raises(QpvError, match="classeur illisible ou tronqué"):
            read_table(**_workbook(path), feuille=None)
