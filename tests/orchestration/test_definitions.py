"""The asset graph: what depends on what, what blocks, what is scheduled."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster_dbt import DbtCliResource

from orchestration import dbt_assets
from orchestration.dbt_assets import Dbt, dbt_cli
from orchestration.definitions import defs
from orchestration.jobs import PUBLICATION
from orchestration.partitions import MILLESIMES, REGISTRY, TOUS
from warehouse.export import TABLES


@pytest.fixture(scope="module")
def graph() -> dg.AssetGraph:
    return defs.resolve_asset_graph()


def test_every_source_lands_and_reaches_the_release(graph: dg.AssetGraph) -> None:
    release = dg.AssetKey(["publication", "publiee"])
    upstream = {key.to_user_string() for key in graph.get_ancestor_asset_keys(release)}
    assert {f"landing/{s}" for s in REGISTRY.sources} <= upstream
    assert {f"marts/{t}" for t in TABLES} <= upstream


def test_landing_assets_are_partitioned_by_the_registrys_millesimes(graph: dg.AssetGraph) -> None:
    assert MILLESIMES.get_partition_keys() == [TOUS, *REGISTRY.millesimes]
    for source in REGISTRY.sources:
        assert graph.get(dg.AssetKey(["landing", source])).partitions_def == MILLESIMES


def test_figures_land_after_the_lists_that_name_the_quarters(graph: dg.AssetGraph) -> None:
    lists = {dg.AssetKey(["landing", s]) for s in ("anct_liste_qpv", "anct_contours")}
    for source in REGISTRY.sources.values():
        parents = graph.get(dg.AssetKey(["landing", source.id])).parent_keys
        assert parents == (set() if source.nature == "reference" else lists)


def test_every_door_blocks(graph: dg.AssetGraph) -> None:
    doors = {
        key.asset_key.to_user_string()
        for key in graph.asset_check_keys
        if key.name.startswith("porte_") and graph.get(key).blocking
    }
    measured = {f"landing/{s.id}" for s in REGISTRY.sources.values() if s.lands_cells}
    assert doors == measured | {"publication/plausibilite", "publication/brouillon"}


def test_one_job_holds_everything(graph: dg.AssetGraph) -> None:
    job = defs.resolve_job_def(PUBLICATION)
    assert set(job.asset_layer.selected_asset_keys) == set(graph.materializable_asset_keys)


def test_each_source_has_a_schedule_from_its_calendar() -> None:
    repository = defs.get_repository_def()
    names = {s.name for s in repository.schedule_defs}
    assert names == {f"calendrier_{s}" for s in REGISTRY.sources}
    schedule = repository.get_schedule_def("calendrier_sdes_rpls")
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 12, 15, 6), repository_def=repository
    )
    request = schedule.evaluate_tick(context).run_requests[0]
    assert request.partition_key == TOUS
    assert schedule.cron_schedule == ["0 6 15 12 *"]
    assert schedule.execution_timezone == "Europe/Paris"


def test_a_run_asks_dbt_neither_its_version_nor_a_second_adapter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked its version, dbt asks PyPI; the names that are replaced are still dagster-dbt's."""
    replaced = {"_cli_version", "_initialize_dbt_core_adapter"}
    assert replaced <= vars(DbtCliResource).keys() & vars(Dbt).keys()
    monkeypatch.setattr("dagster_dbt.core.resource.check_output", None)
    assert dbt_cli._cli_version.major == 1


def test_a_project_that_lost_a_file_is_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[object] = []
    manifest, test = tmp_path / "target" / "manifest.json", tmp_path / "tests" / "essai.sql"
    for path in (test, manifest):
        path.parent.mkdir()
        path.touch()
    for path in (test, test.parent, manifest):
        os.utime(path, (1, 1))
    monkeypatch.setattr(dbt_assets, "DBT_PROJECT", tmp_path)
    monkeypatch.setattr(dbt_assets, "MANIFEST", manifest)
    run = SimpleNamespace(run=lambda *a, **k: parsed.append(a) or SimpleNamespace(returncode=0))
    monkeypatch.setattr(dbt_assets, "subprocess", run)
    dbt_assets.ensure_manifest()
    assert not parsed
    test.unlink()
    dbt_assets.ensure_manifest()
    assert len(parsed) == 1
