"""The Dagster instance of `make dev`, as it is committed: a run waits for the one before."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import dagster as dg

from orchestration.definitions import defs
from tests.conftest import REPO


def test_one_run_at_a_time_the_others_in_a_queue_and_nothing_told_outside(tmp_path: Path) -> None:
    shutil.copy(REPO / "orchestration" / "dagster.yaml", tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None and queue.max_concurrent_runs == 1
        assert not instance.telemetry_enabled


def test_two_ticks_of_one_instant_ask_one_run() -> None:
    """Dagster starts nothing under a key that it has seen."""
    repository = defs.get_repository_def()
    at = datetime(2027, 2, 15, 6)
    keys = set()
    for _ in range(2):
        for schedule in repository.schedule_defs:
            if schedule.cron_schedule == "0 6 15 2 *":
                context = dg.build_schedule_context(
                    scheduled_execution_time=at, repository_def=repository
                )
                keys |= {one.run_key for one in schedule.evaluate_tick(context).run_requests}
    assert keys == {"calendrier_02_15:2027-02-15"}
