"""What the watch asks of Dagster: each revised source landed alone, then one draft of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from ingest.connection import NetworkFailure
from ingest.watch.seen import Memory, SeenFile, write_memory
from ingest.watch.states import Nouvelle
from orchestration.definitions import defs
from orchestration.defs import landing_assets, watch_sensors
from orchestration.defs.jobs import PUBLICATION, SUITE, VEILLE
from orchestration.defs.resources import Reglages
from orchestration.defs.watch_sensors import (
    REPRISE,
    draft_sensor,
    refresh,
    refusals,
    watch_sensor,
)
from orchestration.partitions import REGISTRY, TOUS
from orchestration.watching import Round
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout

DAY = date(2026, 2, 15)
QUIET = {"console": {"config": {"log_level": "CRITICAL"}}}
KEYS = ["insee_demo:2026-02-15", "insee_ipro:2026-02-15"]


@pytest.mark.parametrize("ended", [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE])
def test_a_draft_is_asked_once_of_what_landed_when_nothing_is_waited_for(
    ended: dg.DagsterRunStatus,
) -> None:
    """The year lives it (test_simulated_year): here, what Dagster knows of two landings."""

    def landing(status: dg.DagsterRunStatus) -> str:
        run = dg.DagsterRun(
            job_name=PUBLICATION, run_id=str(uuid4()), status=status, tags={REPRISE: "2024"}
        )
        return instance.add_run(run).run_id

    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, definitions=defs)
        assert isinstance(draft_sensor(context), dg.SkipReason)
        first, second = landing(ended), landing(dg.DagsterRunStatus.STARTED)
        assert isinstance(draft_sensor(context), dg.SkipReason)
        instance.delete_run(second)
        asked = draft_sensor(context)
        if ended == dg.DagsterRunStatus.FAILURE:
            assert isinstance(asked, dg.SkipReason)
            return
        assert asked.run_key == f"brouillon:{first}" and asked.job_name in (None, SUITE)
        landing(dg.DagsterRunStatus.FAILURE)
        assert draft_sensor(context).run_key == asked.run_key, "the same: Dagster makes none"
        assert dg.validate_run_config(defs.resolve_job_def(SUITE), asked.run_config)


def test_what_is_asked_lands_each_source_alone_and_stops_at_a_draft() -> None:
    requests = refresh([REVISED[0], ALSO])
    assert [one.run_key for one in requests] == KEYS
    for one in requests:
        said = one.run_config["resources"]["reglages"]["config"]
        assert said == {"edition": "2024", "brouillon": True}
        assert dg.validate_run_config(defs.resolve_job_def(one.job_name), one.run_config)


def test_nothing_revised_asks_for_no_run() -> None:
    assert refresh([]) == []


@pytest.mark.parametrize(("waits", "kind"), [(True, dg.RetryRequested), (False, dg.Failure)])
def test_a_network_that_fails_is_tried_again_by_a_run_that_nobody_waits_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, waits: bool, kind: type[Exception]
) -> None:
    def land(*_: object) -> None:
        raise NetworkFailure("injoignable")

    monkeypatch.setattr(landing_assets, "land_millesime", land)
    asset = landing_assets.build_landing_asset(REGISTRY["insee_demo"])
    reglages = Reglages(edition="2022", data=str(tmp_path), brouillon=waits)
    with pytest.raises(kind) as asked, dg.build_asset_context(partition_key=TOUS) as context:
        asset(context, reglages=reglages)
    if waits:
        assert (asked.value.max_retries, asked.value.seconds_to_wait) == (2, 120)


def test_a_file_that_is_refused_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def land(*_: object) -> None:
        raise QpvError("page HTML")

    monkeypatch.setattr(landing_assets, "land_millesime", land)
    asset = landing_assets.build_landing_asset(REGISTRY["insee_demo"])
    reglages = Reglages(edition="2022", data=str(tmp_path), brouillon=True)
    with (
        pytest.raises(dg.Failure, match=r"^page HTML") as refused,
        dg.build_asset_context(partition_key=TOUS) as context,
    ):
        asset(context, reglages=reglages)
    assert not refused.value.allow_retries and refused.value.__suppress_context__


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Round]:
    """The rounds that the sensor makes, one after the other, on 15 February."""
    monkeypatch.setenv("QPV_DATA", str(tmp_path))
    monkeypatch.setattr(watch_sensors, "_today", lambda: DAY)
    queue: list[Round] = []
    monkeypatch.setattr(watch_sensors, "watch", lambda *_, **__: queue.pop(0))
    return queue


REVISED = [
    Nouvelle("insee_demo", "revise", "d'autres octets", "2022", DAY, "construire"),
    Nouvelle("insee_ipro", "en_retard", "attendu le 1er août", None, DAY, "attendre"),
    Nouvelle("insee_revn", "rien_de_neuf", "annuel"),
]
ALSO = Nouvelle("insee_ipro", "revise", "d'autres octets", "2022", DAY, "construire")


def test_the_sensor_tells_the_ui_and_asks_a_run_for_what_is_revised(rounds: list[Round]) -> None:
    rounds.append(Round(DAY, REVISED, [], []))
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance, definitions=defs)
        done = watch_sensor(context)
    assert [one.run_key for one in done.run_requests] == KEYS[:1]
    told = {e.asset_key.path[1]: (e.passed, e.metadata["etat"].value) for e in done.asset_events}
    assert told == {
        "insee_demo": (False, "révisé"),
        "insee_ipro": (False, "en retard"),
        "insee_revn": (True, "rien de neuf"),
    }
    assert done.cursor == "2026-02-15"


def test_a_round_that_is_not_over_goes_on_later_and_a_day_is_done_once(rounds: list[Round]) -> None:
    rounds.append(Round(DAY, REVISED, [], ["insee_revn"]))
    with dg.DagsterInstance.ephemeral() as instance:
        done = watch_sensor(dg.build_sensor_context(instance, definitions=defs))
        assert (done.cursor, done.run_requests) == (None, [])
        again = dg.build_sensor_context(instance, cursor="2026-02-15", definitions=defs)
        assert isinstance(watch_sensor(again), dg.SkipReason)


def test_the_checks_say_what_is_remembered_and_ask_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QPV_DATA", str(tmp_path))
    file = SeenFile(adresse="https://x.invalid/DEMO_2031.zip", vu_le=DAY)
    memory = Memory(source="insee_demo", premiere_visite=DAY - timedelta(days=9), visite_le=DAY,
                    fichiers={"2031": file})  # fmt: skip
    write_memory(Layout(tmp_path).watch, memory)
    with dg.DagsterInstance.ephemeral() as instance:
        done = dg.materialize([*(defs.assets or []), watch_sensors.watch_checks],
                              selection=dg.AssetSelection.checks(
                                  dg.AssetCheckKey(dg.AssetKey(["landing", "insee_demo"]), VEILLE)),
                              instance=instance, resources=defs.resources)  # fmt: skip
    [check] = done.get_asset_check_evaluations()
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "2031 paru et non déclaré" in str(check.description)


def test_the_watch_is_no_door_of_a_release() -> None:
    for name in (PUBLICATION, SUITE):
        keys = defs.resolve_job_def(name).asset_layer.asset_graph.asset_check_keys
        nodes = [node.name for node in defs.resolve_job_def(name).nodes]
        assert keys and VEILLE not in nodes


def test_a_refused_run_is_told_by_its_first_paragraph(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("QPV_DATA", str(tmp_path))

    @dg.op
    def landing() -> None:
        raise QpvError("l'en-tête n'est pas celui du millésime 2022")

    @dg.job(name=PUBLICATION)
    def job() -> None:
        landing()

    with dg.DagsterInstance.ephemeral() as instance:
        done = job.execute_in_process(instance=instance, raise_on_error=False,
                                      tags={"edition": "2022"},
                                      run_config={"loggers": QUIET})  # fmt: skip
        [event] = [e for e in done.all_events if e.is_run_failure]
        context = dg.build_run_status_sensor_context(
            "refus", event, instance, done.dagster_run
        ).for_run_failure()
        refusals(context)
    diary = (tmp_path / "messages" / "journal.txt").read_text("utf-8")
    assert "Construction refusée : Édition 2022" in diary
    assert "l'en-tête n'est pas celui du millésime 2022" in diary
