"""The producer's own figures of sets of quarters at RP 2010, against the sheet read here."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from tests.conftest import EXTRACTS

#: Column of the sheet → our indicator, where the formula is the column itself.
COLUMNS = {
    "ind_jeune": "indice_jeunesse",
    "tx_f": "part_pop_femmes",
    "tx_tot_et": "part_pop_etrangere",
    "tx_tot_0a14": "part_pop_0_14_ans",
    "tx_tot_empl": "taux_emploi_15_64_ans",
    "tx_et_empl": "taux_emploi_15_64_ans_etrangers",
    "tx_tot_men6": "part_menages_6_personnes_plus",
}
#: The same columns in the line of all quarters of two other workbooks: its header there.
ELSEWHERE = {
    "DEMO": ("insee_demo/DEMO_2017.csv", ["IND_JEUNE", "TX_F", "TX_TOT_ET", "TX_TOT_MEN6"]),
    "IPRO": ("insee_ipro/IPRO_2017.csv", ["TX_TOT_EMPL", "TX_ET_EMPL"]),
}
#: Of the six régions that 2016 left as they were.
REGIONS = ["11", "24", "52", "53", "93", "94"]


@pytest.fixture(scope="module")
def con(national_release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as opened:
        yield opened


def sheet(name: str, key: str) -> dict[str, dict[str, object]]:
    """Rows of a sheet of the workbook, by the cell of a column."""
    book = CalamineWorkbook.from_path(str(EXTRACTS / "insee_demo" / "demographie_2010_qpv.xls"))
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    at = next(n for n, row in enumerate(rows) if key in row)
    return {str(row[rows[at].index(key)]): dict(zip(rows[at], row, strict=True))
            for row in rows[at + 2 :]}  # fmt: skip


def test_sets_have_the_figures_of_the_sheet(con: duckdb.DuckDBPyConnection) -> None:
    raw = sheet("Regions", "reg")
    sets = {"": "QPV@FRMETRO"} | {code: f"QPV@REG:{code}" for code in REGIONS}
    found = con.sql(
        "select code_territoire, code_indicateur, valeur, statut, source_id, en_avant"
        " from fct_indicateur where periode = '2010'"
        " and type_territoire in ('qpv_region', 'qpv_france')"
    ).fetchall()
    ours = {(code, indicateur): rest for code, indicateur, *rest in found}
    for key, code in sets.items():
        for column, indicateur in COLUMNS.items():
            valeur, statut, source, forward = ours[code, indicateur]
            assert (valeur, statut) == (raw[key][column], "diffuse"), (code, column)
            assert (source, forward) == ("insee_rp", False)
    # Régions that 2016 made of several have no row in a sheet of before.
    assert ours["QPV@REG:32", "part_pop_femmes"][1] == "non_disponible"


def test_metropolitan_france_is_the_line_of_two_other_workbooks() -> None:
    france = sheet("Regions", "reg")[""]
    seen = 0
    for path, headers in ELSEWHERE.values():
        with (EXTRACTS / path).open(encoding="utf-8-sig", newline="") as lines:
            line = next(
                r for r in csv.DictReader(lines, delimiter=";") if r["CODGEO"] == "Ensemble"
            )
        for header in headers:
            assert float(line[header].replace(",", ".")) == france[header.lower()], header
            seen += 1
    assert seen == 6


def test_the_column_that_contradicts_its_quarters_is_of_no_set(
    con: duckdb.DuckDBPyConnection,
) -> None:
    quarters, sets = sheet("Quartiers", "qp"), sheet("Regions", "reg")
    corse = [row["tx_nblog_20l"] for row in quarters.values() if row["reg"] == "94"]
    assert len(corse) == 4 and sets["94"]["tx_nblog_20l"] < min(corse)
    rows = con.sql(
        "select type_territoire, count(*) from fct_indicateur where periode = '2010'"
        " and statut = 'diffuse' and code_indicateur in (select code_indicateur from"
        " dim_indicateur where formule like '%rp_part_logements_adresse_20_logements_plus%')"
        " group by 1"
    ).fetchall()
    assert dict(rows).keys() == {"qpv"}


def test_no_other_column_is_outside_what_its_quarters_say() -> None:
    """A set lies between the least and the most of its quarters, where all of them are known."""
    quarters, sets = sheet("Quartiers", "qp"), sheet("Regions", "reg")
    outside, compared = set(), 0
    for region, row in sets.items():
        own = [q for q in quarters.values() if not region or q["reg"] == region]
        for column, valeur in row.items():
            known = [q.get(column) for q in own]
            numbers = [v for v in known if isinstance(v, float)]
            if isinstance(valeur, float) and len(numbers) == len(own):
                compared += 1
                if not min(numbers) <= valeur <= max(numbers):
                    outside.add(column)
    assert outside <= {"tx_nblog_20l"} and compared > 30
