"""Files for spreadsheets and portals: what they hold is what the tables say, and nothing masked."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from warehouse.publication.spreadsheet_tables import write_spreadsheet_tables

FIRST = ["code_territoire", "territoire", "type_territoire", "perimetre", "code_departement",
         "code_region", "code_epci"]  # fmt: skip


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_each_rubrique_holds_its_diffused_figures_and_no_other(sample_release: Path) -> None:
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        wanted = Counter(
            con.execute(
                "select i.rubrique, f.code_territoire, f.code_indicateur, f.periode, f.valeur,"
                " f.source_id from fct_indicateur as f inner join dim_indicateur as i"
                " using (code_indicateur) where f.statut = 'diffuse'"
            ).fetchall()
        )
    found: Counter[tuple] = Counter()
    for path in (sample_release / "tables" / "rubriques").glob("*.csv"):
        for row in _rows(path):
            assert row["statut"] == "diffuse" and row["territoire"] and row["millesime"]
            key = (row["code_territoire"], row["code_indicateur"], row["periode"])
            found[path.stem, *key, float(row["valeur"]), row["source_id"]] += 1
    assert found == wanted and len(wanted) > 1000


def test_the_wide_table_has_a_row_per_territory_and_names_each_period(sample_release: Path) -> None:
    rows = _rows(sample_release / "tables" / "tableau_large.csv")
    columns = _rows(sample_release / "tables" / "tableau_large_colonnes.csv")
    assert [*rows[0]] == [*FIRST, *(c["colonne"] for c in columns)]
    assert all(c["unite"] and c["sources"] and c["citation"] for c in columns)
    found = {
        (row["code_territoire"], c["code_indicateur"], c["periode"], float(row[c["colonne"]]))
        for row in rows
        for c in columns
        if row[c["colonne"]]
    }
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        wanted = con.execute(
            "select code_territoire, code_indicateur, periode, valeur from fct_indicateur"
            " where en_avant and statut = 'diffuse'"
        ).fetchall()
    assert found == set(wanted) and len(found) == len(wanted) > 1000
    assert len({row["code_territoire"] for row in rows}) == len(rows)


def test_a_label_is_no_formula_and_a_draft_without_a_figure_has_no_wide_table(
    sample_release: Path, tmp_path: Path
) -> None:
    (tmp_path / "tables").mkdir()
    with duckdb.connect(str(tmp_path / "qpv.duckdb")) as con:
        con.execute(f"attach '{sample_release / 'qpv.duckdb'}' as pub (read_only)")
        for table in ("fct_indicateur", "dim_indicateur", "dim_territoire"):
            con.execute(f"create table {table} as from pub.{table}")
        con.execute(
            "update dim_territoire set libelle_long = '=1+1' where code_territoire like 'Q%'"
        )
    write_spreadsheet_tables(tmp_path)
    for name in ("tableau_large.csv", "rubriques/chomage.csv"):
        said = {r["territoire"] for r in _rows(tmp_path / "tables" / name)}
        assert "'=1+1" in said and "=1+1" not in said
    with duckdb.connect(str(tmp_path / "qpv.duckdb")) as con:
        con.execute("update fct_indicateur set statut = 'secret', valeur = null")
    for path in (tmp_path / "tables").rglob("*.*"):
        path.unlink()
    (tmp_path / "tables" / "rubriques").rmdir()
    assert write_spreadsheet_tables(tmp_path) == {"rubriques": 0, "territoires": 0, "colonnes": 0}
    with pytest.raises(StopIteration):
        next((tmp_path / "tables").rglob("*.csv"))
