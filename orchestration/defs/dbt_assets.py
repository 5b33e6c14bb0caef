"""The dbt models as assets, their tests as checks. No SQL and no rule here."""

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtCliRuntimeError,
    DagsterDbtTranslator,
    DbtCliResource,
    dbt_assets,
)
from packaging.version import Version

from orchestration.console import say
from orchestration.defs.asset_keys import table_key
from orchestration.defs.dbt_child import PARSED
from orchestration.defs.dbt_manifest import DBT, PARTIAL, ensure_manifest
from orchestration.defs.dbt_refusals import RESULTS, dbt_refusal
from orchestration.defs.resources import Reglages
from warehouse.base.layout import DBT_PROJECT


def dbt_environment(database: Path) -> dict[str, str]:
    """What dbt is told of a build: its database, and the project as `ensure_manifest` parsed it."""
    parsed = ensure_manifest().with_name(PARTIAL)
    return {"QPV_WAREHOUSE": str(database), PARSED: str(parsed)}


class Dbt(DbtCliResource):
    """dbt of this environment, without what dagster-dbt asks of it at each run for no use here.

    Both names are dagster-dbt's own: were they to change there, a run would only be slower.
    """

    @cached_property
    def _cli_version(self) -> Version:
        """Known from what is installed: `dbt --version` takes 2 s, and asks PyPI."""
        return Version(metadata.version("dbt-core"))

    # dagster-dbt goes on with None when its own fails, as its annotation does not say.
    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:  # type: ignore[override]
        """No second adapter in this process: it serves to fetch row counts and columns."""


class Translator(DagsterDbtTranslator):
    """Models under their schema's name; sources are the build database's tables."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return table_key(dbt_resource_props["source_name"], dbt_resource_props["name"])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return dbt_resource_props["schema"]


@dbt_assets(
    manifest=ensure_manifest(),
    dagster_dbt_translator=Translator(),
    name="dbt",
    exclude="resource_type:unit_test",
)
def dbt_models(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, reglages: Reglages
) -> Iterator[Any]:
    """Staging, intermediate and marts, with their tests, in the build database."""
    layout = reglages.layout
    os.environ.update(dbt_environment(layout.warehouse_db))
    layout.dbt_target.mkdir(parents=True, exist_ok=True)
    (layout.dbt_target / RESULTS).unlink(missing_ok=True)  # or an older run's would be told
    say("Modèles dbt et leurs tests")
    # Its debug log costs a fifth of its time, and repeats confidential rows; results are kept.
    command = ["--log-level-file", "none", "build", "--exclude", "resource_type:unit_test"]
    try:
        yield from dbt.cli(command, context=context, target_path=layout.dbt_target).stream()
    except DagsterDbtCliRuntimeError:
        # Without its cause: dbt's own words may hold rows, and Dagster keeps causes in its history.
        raise dbt_refusal(layout.dbt_target, layout.warehouse_db) from None


dbt_cli = Dbt(project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT), dbt_executable=DBT)
