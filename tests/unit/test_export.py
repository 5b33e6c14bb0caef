"""What leaves as CSV is inert in a spreadsheet; Parquet and DuckDB keep every text as it is."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from warehouse.declared.table_models import TABLES
from warehouse.publication.export import export_tables

LABELS = ["=cmd|' /C calc'!A0", "+33", "-1+1", "@x", "\t=1", "Elnon", "L'Épine - Arenberg"]


def test_no_text_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "build.duckdb")) as con:
        con.execute("create schema marts")
        for table in TABLES:
            con.execute(f"create table marts.{table} (libelle varchar, evolution double)")
        con.executemany("insert into marts.dim_territoire values (?, -1.5)", [[x] for x in LABELS])
    release = tmp_path / "release"
    release.mkdir()
    export_tables(tmp_path / "build.duckdb", release, dict.fromkeys(TABLES, ("", {})))
    with (release / "tables" / "dim_territoire.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["libelle"] for r in rows] == [f"'{x}" for x in LABELS[:5]] + LABELS[5:]
    assert {r["evolution"] for r in rows} == {"-1.5"}
    parquet = duckdb.sql(f"from '{release / 'tables' / 'dim_territoire.parquet'}'").fetchall()
    assert [label for label, _ in parquet] == LABELS
