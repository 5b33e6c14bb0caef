"""The asset graph: what depends on what, what blocks, what is scheduled."""

from __future__ import annotations

import json
import os
import re
import threading
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster_dbt import DbtCliResource
from filelock import FileLock

from orchestration.definitions import defs
from orchestration.defs import dbt_manifest
from orchestration.defs.asset_keys import MART_KEYS, RELEASE_KEY, part_key
from orchestration.defs.dbt_assets import PROJECT, Preparer, dbt_cli
from orchestration.defs.jobs import PUBLICATION
from orchestration.defs.speed import HISTORY, remembering, without_unheard_events
from orchestration.partitions import MILLESIMES, REGISTRY, TOUS
from tests.conftest import REPO
from warehouse.base.errors import QpvError
from warehouse.base.layout import DBT_PROJECT
from warehouse.declared.table_models import TABLES
from warehouse.publication.parts import PARTS


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
    names = ("insee_qpv_epci", "insee_appartenance", "insee_cog_communes")
    communes = {dg.AssetKey(["landing", s]) for s in names}
    for source in REGISTRY.sources.values():
        parents = graph.get(dg.AssetKey(["landing", source.id])).parent_keys
        wanted = set() if source.nature == "reference" else set(lists)
        if any(part.seulement for part in source.parties):  # of all communes, those of a quarter
            wanted |= communes
        assert parents == wanted


def test_every_door_blocks(graph: dg.AssetGraph) -> None:
    doors = {
        key.asset_key.to_user_string()
        for key in graph.asset_check_keys
        if key.name.startswith("porte_") and graph.get(key).blocking
    }
    measured = {f"landing/{s.id}" for s in REGISTRY.sources.values() if s.lands_cells}
    judged = {"entrepot/landing/mesures", "publication/plausibilite", "publication/descripteurs"}
    assert doors == measured | judged


def test_assets_meet_by_key_and_no_asset_file_imports_another() -> None:
    folder = REPO / "orchestration" / "defs"
    sources = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    makes = re.compile(r"@(dg\.)?(multi_)?(dbt_)?asset(s|_check)?\(|= dg\.asset\(|@_part\(")
    assets = {name for name, text in sources.items() if makes.search(text)}
    assert {"landing_assets", "dbt_assets", "draft_assets", "quality_checks"} < assets
    for name, text in sources.items():
        assert assets.isdisjoint(re.findall(r"from orchestration\.defs\.(\w+) import", text)), name


def test_the_draft_is_cut_into_parts_that_meet_as_they_are_declared(graph: dg.AssetGraph) -> None:
    draft = {part_key(part) for part in PARTS}
    for part, about in PARTS.items():
        parents = graph.get(part_key(part)).parent_keys
        assert parents & draft == {part_key(source) for source in about.depuis}
    assert graph.get(RELEASE_KEY).parent_keys == {part_key("descripteurs")}
    assert graph.get_ancestor_asset_keys(part_key("descripteurs")) >= draft - {
        part_key("descripteurs")
    }


def test_the_marts_of_dbt_are_the_tables_that_leave(graph: dg.AssetGraph) -> None:
    marts = {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert marts == {*MART_KEYS}


def test_every_asset_says_what_it_is_in_french_and_who_answers_for_it(graph: dg.AssetGraph) -> None:
    """A description in words: the UI shows a model's SQL elsewhere."""
    english = re.compile(r"\b(the|of|and|every|which|one row)\b", re.IGNORECASE)
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert node.owners == ["team:qpv"] and node.kinds, key
        assert node.description and not re.search(r"```|\bselect\b", node.description), key
        assert not english.search(node.description), (key, node.description)


def test_a_source_declared_otherwise_has_another_version(graph: dg.AssetGraph) -> None:
    versions = {graph.get(dg.AssetKey(["landing", s])).code_version for s in REGISTRY.sources}
    assert None not in versions and len(versions) == len(REGISTRY.sources)


def test_every_step_shows_the_paragraph_of_its_refusal_first() -> None:
    """`refusable` is on each of them, whatever refuses in it."""
    steps = [*(defs.assets or []), *(defs.asset_checks or [])]
    works = {step.op.name: step.op.compute_fn.decorated_fn for step in steps}
    assert {n for n, work in works.items() if not hasattr(work, "__wrapped__")} == {"veille"}
    assert len(works) > len(REGISTRY.sources)


def test_one_job_holds_everything(graph: dg.AssetGraph) -> None:
    job = defs.resolve_job_def(PUBLICATION)
    assert set(job.asset_layer.selected_asset_keys) == set(graph.materializable_asset_keys)


def test_each_day_of_publication_has_one_schedule_that_names_its_sources() -> None:
    """No two start the job in one minute: each has a day of its own."""
    repository = defs.get_repository_def()
    told = {s.cron_schedule: s.description for s in repository.schedule_defs}
    assert len(told) == len(repository.schedule_defs)
    for source in REGISTRY.sources.values():
        for day in source.calendrier.jours:
            assert source.titre in told[f"0 6 {int(day[3:])} {int(day[:2])} *"]
    assert len(REGISTRY.sources) > len(told)


def test_a_schedule_asks_one_run_of_the_edition_in_force() -> None:
    repository = defs.get_repository_def()
    schedule = repository.get_schedule_def("calendrier_12_15")
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 12, 15, 6), repository_def=repository
    )
    [request] = schedule.evaluate_tick(context).run_requests
    assert (request.partition_key, request.run_key) == (TOUS, "calendrier_12_15:2026-12-15")
    assert request.run_config["resources"]["reglages"]["config"] == {
        "edition": "2024",
        "brouillon": True,
    }
    assert request.tags["edition"] == "2024" and "sdes_rpls" in request.tags["sources"]
    assert dg.validate_run_config(defs.resolve_job_def(PUBLICATION), request.run_config)
    assert schedule.cron_schedule == "0 6 15 12 *"
    assert schedule.execution_timezone == "Europe/Paris"


def test_a_run_asks_dbt_neither_its_version_nor_a_second_adapter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked its version, dbt asks PyPI; the names that are replaced are still dagster-dbt's."""
    replaced = {"_cli_version", "_initialize_dbt_core_adapter"}
    assert replaced <= vars(DbtCliResource).keys() & vars(type(dbt_cli)).keys()
    monkeypatch.setattr("dagster_dbt.core.resource.check_output", None)
    assert dbt_cli._cli_version.major == 1


def test_a_run_keeps_its_history_on_one_connection_of_its_thread() -> None:
    """The names that are replaced are still Dagster's; what is kept is what is asked."""

    @dg.asset
    def essai() -> None: ...

    with remembering(dg.DagsterInstance.ephemeral()) as instance:
        events = instance.event_log_storage
        assert all(hasattr(events, name) for name in HISTORY)
        assert vars(events).keys() >= {"_connect", "has_table", "_has_asset_key_col_on_connection"}
        assert events.has_table("event_logs") and not events.has_table("autre")
        assert dg.materialize([essai], instance=instance).success
        assert instance.get_latest_materialization_event(essai.key) is not None
        used: list[int] = []

        def use() -> None:
            with events._connect() as connection:
                used.append(id(connection))

        use()
        use()
        other = threading.Thread(target=use)
        other.start()
        other.join()
        assert used[0] == used[1] != used[2]


@pytest.mark.parametrize("level", ["debug", "info"])
def test_dbt_makes_no_event_that_no_log_takes(level: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of that level still has all of them."""
    from dbt.events.types import MainReportVersion, NodeCompiling
    from dbt_common.events import event_manager
    from dbt_common.events.base_types import EventLevel

    made: list[str] = []
    make = event_manager.msg_from_base_event

    def made_of(e, level=None):
        made.append(type(e).__name__)
        return make(e, level=level)

    monkeypatch.setattr(event_manager, "msg_from_base_event", made_of)
    kept = event_manager.EventManager.fire_event
    monkeypatch.setattr(event_manager.EventManager, "fire_event", kept)
    without_unheard_events()
    events, told = event_manager.EventManager(), list[str]()
    log = SimpleNamespace(
        level=EventLevel(level),
        filter=lambda msg: True,
        write_line=lambda msg: told.append(msg.info.name),
    )
    events.loggers.append(log)  # type: ignore[arg-type]
    events.fire_event(MainReportVersion(version="1", log_version=3))
    events.fire_event(NodeCompiling())
    wanted = ["MainReportVersion"] + ["NodeCompiling"] * (level == "debug")
    assert made == told == wanted


def test_private_names_of_dbt_and_dagster_dbt_are_in_one_file() -> None:
    private = re.compile(
        r"\b_cli_version|_initialize_dbt_core_adapter|mashumaro|mashumuro|msgpack\(|_held_conn|fire_event"
    )
    ours = (REPO / "orchestration").rglob("*.py")
    assert {p.name for p in ours if private.search(p.read_text("utf-8"))} == {"speed.py"}


def test_nothing_runs_dbt_when_definitions_load_and_a_manifest_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = _project(tmp_path, monkeypatch)
    manifest = tmp_path / "target" / "manifest.json"
    os.utime(manifest, (1, 1))  # older than the files: changed since
    monkeypatch.delenv("DAGSTER_IS_DEV_CLI", raising=False)
    Preparer().prepare_if_dev(PROJECT)
    assert not parsed.exists()
    with pytest.raises(QpvError, match="le projet dbt a changé depuis que Dagster l'a lu"):
        dbt_manifest.refuse_changed()
    monkeypatch.setenv("DAGSTER_IS_DEV_CLI", "1")
    for _ in range(2):
        Preparer().prepare_if_dev(PROJECT)
    assert parsed.read_text() == "x", "sous dagster dev, une fois par changement"
    dbt_manifest.refuse_changed()
    monkeypatch.delenv("DAGSTER_IS_DEV_CLI")
    manifest.write_text('{"nodes": {"half')
    Preparer().prepare_if_dev(PROJECT)
    assert json.loads(manifest.read_text()) == {"nodes": {}}


def test_a_project_that_lost_a_file_is_parsed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = _project(tmp_path, monkeypatch)
    test = tmp_path / "tests" / "essai.sql"
    for path in (test, test.parent, tmp_path / "qpv-dbt", tmp_path / "target" / "manifest.json"):
        os.utime(path, (1, 1))
    dbt_manifest.ensure_manifest()
    assert not parsed.exists()
    test.unlink()
    dbt_manifest.ensure_manifest()
    assert parsed.read_text() == "x"


def test_two_first_starts_parse_once_and_nobody_reads_half_a_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = _project(tmp_path, monkeypatch)
    manifest = tmp_path / "target" / "manifest.json"
    manifest.write_text('{"nodes": {"half')  # what a cut parse left in the same folder
    starts = [threading.Thread(target=dbt_manifest.ensure_manifest) for _ in range(2)]
    for start in starts:
        start.start()
    seen = set()
    while any(start.is_alive() for start in starts):
        seen.add(manifest.read_text())
    assert parsed.read_text() == "x"
    assert seen <= {'{"nodes": {"half', '{"nodes": {}}'}
    assert json.loads(manifest.read_text()) == {"nodes": {}}


def test_a_parse_that_never_ends_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _project(tmp_path, monkeypatch)
    os.utime(tmp_path / "target" / "manifest.json", (1, 1))
    monkeypatch.setattr(dbt_manifest, "_PATIENCE", 0.1)
    lock = tmp_path / "target" / ".parse.lock"
    with FileLock(lock), pytest.raises(QpvError, match="une autre commande lit le projet dbt"):
        dbt_manifest.ensure_manifest()


def test_a_project_that_may_not_be_written_is_parsed_in_the_user_s_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert dbt_manifest._target() == DBT_PROJECT / "target"
    monkeypatch.setattr(os, "access", lambda path, _: DBT_PROJECT not in [path, path.parent])
    assert dbt_manifest._target().parent == tmp_path / "qpv"


def _project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project whose dbt writes its manifest in two times, and a mark per parse."""
    for path in (folder / "tests" / "essai.sql", folder / "target" / "manifest.json"):
        path.parent.mkdir()
        path.touch()
    (folder / "target" / "manifest.json").write_text("{}")
    dbt, parsed = folder / "qpv-dbt", folder / "parsed"
    dbt.write_text(
        '#!/bin/sh\nfor last; do :; done\nprintf x >> "' + str(parsed) + '"\n'
        "printf '{\"nodes\":' > $last/manifest.json; sleep 0.3\n"
        "printf ' {}}' >> $last/manifest.json; touch $last/partial_parse.msgpack\n"
    )
    dbt.chmod(0o755)
    monkeypatch.setattr(dbt_manifest, "DBT", str(dbt))
    monkeypatch.setattr(dbt_manifest, "DBT_PROJECT", folder)
    monkeypatch.setattr(dbt_manifest, "TARGET", folder / "target")
    monkeypatch.setattr(dbt_manifest, "MANIFEST", folder / "target" / "manifest.json")
    return parsed


def test_what_the_ui_materializes_outside_the_job_runs_in_one_process() -> None:
    """Two landings of a multiprocess run would want the lock of the data folder at once."""
    implicit = defs.resolve_implicit_global_asset_job_def()
    assert implicit.executor_def.name == dg.in_process_executor.name
