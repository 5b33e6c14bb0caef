"""The dbt models as assets, their tests as checks. No SQL and no rule here."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import (
    DagsterDbtCliRuntimeError,
    DagsterDbtTranslator,
    DbtCliResource,
    DbtProject,
    DbtProjectPreparer,
    dbt_assets,
)

from orchestration.console import say
from orchestration.defs.asset_keys import table_key
from orchestration.defs.dbt_manifest import (
    DBT,
    PARTIAL,
    TARGET,
    ensure_manifest,
    has_manifest,
    refuse_changed,
)
from orchestration.defs.dbt_refusals import RESULTS, dbt_refusal
from orchestration.defs.refused_steps import refusable
from orchestration.defs.resources import Reglages
from orchestration.defs.speed import PARSED, unasked
from orchestration.defs.standing_draft import forget_draft
from warehouse.base.layout import DBT_PROJECT
from warehouse.cluster.counted import told
from warehouse.release.build_database import checkpoint, workshop_of


def dbt_environment(database: Path) -> dict[str, str]:
    """What dbt is told of a build: its database, and the project as `ensure_manifest` parsed it."""
    parsed = ensure_manifest().with_name(PARTIAL)
    told = {"QPV_WAREHOUSE": str(database), "QPV_CIBLE": "build", PARSED: str(parsed)}
    if workshop := workshop_of(database):
        told |= {
            "QPV_CIBLE": "atelier",
            "QPV_ATELIER_CATALOGUE": workshop.catalogue,
            "QPV_ATELIER_FICHIERS": workshop.donnees,
            "QPV_ATELIER_SCHEMA": workshop.schema,
            "QPV_ATELIER_TEMPORAIRE": str(database.parent / "tmp"),
        }
    return told


class Preparer(DbtProjectPreparer):
    """Under `dagster dev`, a changed project is parsed again; elsewhere it is taken as it was.

    dagster-dbt's own asks the PATH for dbt, parses at each load, and two of them at once.
    """

    def prepare_if_dev(self, project: DbtProject) -> None:
        if self.using_dagster_dev() or not has_manifest():
            self.prepare(project)

    def prepare(self, project: DbtProject) -> None:
        ensure_manifest()


class Translator(DagsterDbtTranslator):
    """Models under their schema's name; sources are the build database's tables."""

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        props = self.get_resource_props(manifest, unique_id)
        if props["resource_type"] == "source":
            return spec.replace_attributes(key=table_key(props["source_name"], props["name"]))
        key = dg.AssetKey([props["schema"], props["name"]])
        # Its own description repeats the whole SQL, which the UI shows elsewhere.
        return spec.replace_attributes(
            key=key, group_name=props["schema"], description=props["description"]
        )


PROJECT = DbtProject(DBT_PROJECT, target_path=TARGET, profiles_dir=DBT_PROJECT)
Preparer().prepare_if_dev(PROJECT)


@dbt_assets(
    manifest=PROJECT.manifest_path,
    project=PROJECT,
    dagster_dbt_translator=Translator(),
    name="dbt",
    exclude="resource_type:unit_test",
)
@refusable
def dbt_models(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, reglages: Reglages
) -> Iterator[Any]:
    """Staging, intermediate and marts, with their tests, in the build database."""
    layout = reglages.layout
    refuse_changed()
    forget_draft(reglages)
    os.environ.update(dbt_environment(layout.warehouse_db))
    layout.dbt_target.mkdir(parents=True, exist_ok=True)
    for older in (layout.dbt_target / RESULTS, layout.spark_report, layout.spark_log):
        older.unlink(missing_ok=True)  # or an older run's would be told
    say("Modèles dbt et leurs tests")
    # Its debug log costs a fifth of its time, and repeats confidential rows; results are kept.
    command = ["--log-level-file", "none", "build", "--exclude", "resource_type:unit_test"]
    try:
        yield from dbt.cli(command, context=context, target_path=layout.dbt_target).stream()
    except DagsterDbtCliRuntimeError:
        # Without its cause: dbt's own words may hold rows, and Dagster keeps causes in its history.
        raise dbt_refusal(layout.dbt_target, layout.warehouse_db) from None
    checkpoint(layout.warehouse_db)
    for counted in told(layout.spark_report):
        say(f"  grappe, {counted.phrase}")


dbt_cli = unasked(DbtCliResource)(project_dir=PROJECT, dbt_executable=DBT)
