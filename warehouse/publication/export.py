"""The release's tables: `qpv.duckdb`, Parquet and CSV."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.base.text_tables import FORMULE
from warehouse.declared.table_models import TABLES, Descriptions
from warehouse.release.build_database import attach_build, workshop_of
from warehouse.release.connect import open_writer, texte_sql


def export_tables(build: Path, release: Path, descriptions: Descriptions) -> dict[str, int]:
    """Copy the published tables out of a build; rows by table.

    Descriptions of tables and columns travel as DuckDB comments.
    """
    rows = {}
    (release / "tables").mkdir()
    with open_writer(release / "qpv.duckdb") as con:
        attach_build(con, build)
        # In a workshop, rows that were changed are in files of their own; a file keeps its order.
        order = "order by rowid" if workshop_of(build) else ""
        for table in TABLES:
            con.execute(f"create table {table} as select * from build.marts.{table} {order}")
            about, columns = descriptions[table]
            con.execute(f"comment on table {table} is {texte_sql(about)}")
            for column, text in columns.items():
                con.execute(f"comment on column {table}.{column} is {texte_sql(text)}")
            [[rows[table]]] = con.execute(f"select count(*) from {table}").fetchall()
            for ending, read, options in (
                ("parquet", f"from {table}", "format parquet, compression zstd"),
                ("csv", inert(con, table), "format csv, header, delimiter ',', nullstr ''"),
            ):
                target = texte_sql(release / "tables" / f"{table}.{ending}")
                con.execute(f"copy ({read}) to {target} ({options})")
        con.execute("detach build")
    return rows


def inert(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """A table whose texts no spreadsheet that opens the CSV takes for a formula: `'` before them.

    Nothing else can say « text » in a CSV; Parquet and DuckDB keep every text as it is.
    """
    begins = ", ".join(f"chr({ord(sign)})" for sign in FORMULE)
    columns = [
        f"case when left({name}, 1) in ({begins}) then chr(39) || {name} else {name} end as {name}"
        if kind == "VARCHAR"
        else f'"{name}"'
        for name, kind, *_ in con.execute(f"describe {table}").fetchall()
    ]
    return f"select {', '.join(columns)} from {table}"
