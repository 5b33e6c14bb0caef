"""The sheet of sets of quarters: régions as they are, metropolitan France, nothing in between."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
import xlsxwriter

from ingest.archive import archive_local
from ingest.landing import land
from tests.fixtures.small_source import YAML, Essai
from warehouse.base.errors import QpvError

SHEET = """  "2021":
    ensembles:
      feuille: Regions
      entete_cle: reg
      contredites: {caf_allocataires: "les quartiers font le double"}
    colonnes_ignorees: [{entete: "", raison: nom}]
    fichiers: [ESSAI_2021.xlsx]
"""
HEADER = ["POP_MUN", "TX_F", "A", "MED_A21", "NOTE_CNAF"]
LABELS = ["Nom", "", *(f"Libellé de {h}" for h in HEADER)]
REGIONS = [["France", "", 300, 52.1, 40, 900, "0"], ["Ensemble", "11", 100, 51.5, 20, 950, "0"]]


def landed(tmp_path: Path, *regions: list) -> dict[tuple[str, str], float]:
    """(territory, mesure) → value, of a workbook with a sheet for quarters and one for sets."""
    path = tmp_path / "ESSAI_2021.xlsx"
    with xlsxwriter.Workbook(path) as book:
        quarters, sets = book.add_worksheet("Quartiers"), book.add_worksheet("Regions")
        quarters.write_row(0, 0, ["CODGEO", *HEADER])
        quarters.write_row(1, 0, ["QP059050", 100, 51.5, 20, 950, "0"])
        for at, row in enumerate([["Données"], ["", "reg", *HEADER], LABELS, *regions]):
            sets.write_row(at, 0, row)
    yaml = YAML.replace('  "2021":\n', SHEET).replace(
        "perimetre:", "feuille: Quartiers\nperimetre:"
    )
    source = Essai(tmp_path).source(yaml=yaml)
    file = archive_local(path, archive=tmp_path / "archive", attendu="xlsx")
    out = tmp_path / "out.parquet"
    files = [(partie, file) for partie in source.parts_of("2021")]
    report = land(source, "2021", files, out=out, codes_qpv=frozenset({"QP059050"}))
    assert report.par_cle == {"qpv": 1, "ensemble": len(regions)}
    assert report.ignorees["Regions, caf_allocataires"] == "les quartiers font le double"
    cells = pq.read_table(out).to_pylist()
    assert {c["perimetre"] for c in cells} == {"2015"}
    return {(c["code_territoire"], c["mesure"]): c["valeur"] for c in cells}


def test_a_set_is_its_region_and_the_one_without_a_code_is_metropolitan_france(
    tmp_path: Path,
) -> None:
    cells = landed(tmp_path, *REGIONS)
    assert cells["QPV@FRMETRO", "rp_part_femmes"] == 52.1
    assert cells["QPV@REG:11", "rp_part_femmes"] == 51.5
    assert cells["QP059050", "caf_allocataires"] == 20


def test_what_contradicts_the_quarters_is_not_read_of_the_sets(tmp_path: Path) -> None:
    cells = landed(tmp_path, *REGIONS)
    sets = {code for code, mesure in cells if mesure == "caf_allocataires"}
    assert sets == {"QP059050"} and ("QPV@REG:11", "pop_municipale") in cells


@pytest.mark.parametrize("code", ["R11", "QP059050", "111"])
def test_a_row_that_is_no_set_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(QpvError, match=f"clé illisible : '{code}'"):
        landed(tmp_path, *REGIONS, ["?", code, 1, 1, 1, 1, "0"])


def test_two_sets_of_metropolitan_france_are_refused(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match="territoire en double : QPV@FRMETRO"):
        landed(tmp_path, REGIONS[0], REGIONS[0])
