"""dbt on the build database of made-up units, on this machine or on a cluster, and what it made."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from orchestration.defs.dbt_assets import dbt_environment
from orchestration.defs.dbt_manifest import DBT
from tests.fixtures.micro_warehouse import rows
from warehouse.base.layout import DBT_PROJECT, Layout

#: What is counted in units, and the figures made of it.
COUNTED = [
    "int_sirene__comptes", "int_sirene__ecarts", "int_sirene__situes", "int_sirene__points_locaux",
    "int_rpls__comptes", "int_rpls__ecarts", "int_rpls__situes", "int_rpls__points_locaux",
    "int_sirene__qpv", "int_rpls__qpv",
]  # fmt: skip


def dbt_process(layout: Layout, *words: str, **environment: str) -> subprocess.Popen[str]:
    """dbt as a build starts it, what it says in a file beside the database."""
    where = [("project-dir", DBT_PROJECT), ("profiles-dir", DBT_PROJECT)]
    where += [("target-path", layout.dbt_target)]
    command = [DBT, "--log-level-file", "none", *words]
    command += [word for name, place in where for word in (f"--{name}", str(place))]
    with (layout.build / "dbt.txt").open("w") as said:
        told = {**os.environ, **dbt_environment(layout.warehouse_db), **environment}
        return subprocess.Popen(command, env=told, stdout=said, stderr=said, text=True)


def run(layout: Layout, *models: str, **environment: str) -> None:
    """These models and all that they read."""
    done = dbt_process(layout, "run", "--select", *(f"+{m}" for m in models), **environment)
    assert done.wait(600) == 0, said(layout)


def said(layout: Layout) -> str:
    return (layout.build / "dbt.txt").read_text(encoding="utf-8")[-6000:]


def table(layout: Layout, model: str) -> tuple[list[tuple], list[tuple]]:
    """The columns of a model with their types, and every row."""
    columns = "select column_name, data_type from duckdb_columns() where table_name = "
    kinds = rows(layout, f"{columns}'{model}' order by column_index")
    return kinds, rows(layout, f"select * from intermediate.{model} order by all")


def kept_counts(layout: Layout, model: str) -> dict[str, Path]:
    """Millésime → the file that its counts are in."""
    found = (layout.unit_counts / model).glob("*/*.parquet")
    return {path.parent.name: path for path in found}
