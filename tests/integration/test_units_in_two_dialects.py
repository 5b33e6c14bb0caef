"""Models that read units say what a cluster does with them, in SQL that Spark has words for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.defs.dbt_manifest import ensure_manifest
from orchestration.defs.warehouse_assets import MICRO
from warehouse.base.layout import Layout
from warehouse.cluster.dialect import parsed, spark_sql
from warehouse.cluster.model_inputs import name_of

Nodes = dict[str, dict]


@pytest.fixture(scope="module")
def models() -> Nodes:
    nodes = json.loads(ensure_manifest().read_text(encoding="utf-8"))["nodes"]
    return {key: n for key, n in nodes.items() if n["resource_type"] == "model"}


def _where(node: dict) -> str | None:
    return node["config"]["meta"].get("grappe")


def _reads_units(key: str, models: Nodes) -> bool:
    """Whether a relation is units one by one: a landed file of units, or a view or rows of it."""
    if key.startswith("source."):
        return key.rpartition(".")[2] in MICRO
    node = models[key]
    if node["config"]["materialized"] == "view" or _where(node) == "lignes":
        return any(_reads_units(below, models) for below in node["depends_on"]["nodes"])
    return False


def test_every_table_made_of_units_is_one_that_a_cluster_counts(models: Nodes) -> None:
    made_of_units = {
        key
        for key, node in models.items()
        if node["config"]["materialized"] == "table"
        and any(_reads_units(below, models) for below in node["depends_on"]["nodes"])
    }
    assert made_of_units == {key for key, node in models.items() if _where(node)}
    assert {_where(models[key]) for key in made_of_units} == {"comptes", "lignes"}


def test_what_a_cluster_counts_is_said_in_its_words(models: Nodes, sample_data: Path) -> None:
    compiled = Layout(sample_data).dbt_target / "compiled" / "qpv"
    said = 0
    for key, node in models.items():
        is_view = node["config"]["materialized"] == "view" and _reads_units(key, models)
        if _where(node) or is_view:
            query = (compiled / node["original_file_path"]).read_text(encoding="utf-8")
            assert "SELECT" in spark_sql(parsed(query), name_of)
            said += 1
    assert said > 8
