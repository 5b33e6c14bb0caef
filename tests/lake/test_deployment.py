"""Dagster for several people, and what was lost put back, with the programs of `deploy/`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.conftest import REPO, run_qpv
from tests.lake.dagster_of_several import BASE, Dagster, command_of
from tests.lake.lakes import Lake
from tests.lake.servers import PostgreSQL, SeaweedFS
from warehouse import connect
from warehouse.lake.sending import send

#: One source landed alone: the shortest run that holds the data folder.
_ALONE = {
    "pipelineName": "__ASSET_JOB",
    "assetSelection": [{"path": ["landing", "insee_epci"]}],
    "assetCheckSelection": [],
}
_TOUS = {"dagster/partition": "tous"}
#: When the queue lets a run go, and when it has ended.
_TURN = ("STARTING", "SUCCESS")
_TURNS = (
    "select run_id, dagster_event_type from event_logs where dagster_event_type in"
    " ('PIPELINE_STARTING', 'PIPELINE_SUCCESS') order by id"
)


@pytest.fixture(scope="module")
def two_runs(
    servers: tuple[PostgreSQL, SeaweedFS], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[PostgreSQL, dict[str, dict]]]:
    """Two runs asked at once of the services of `deploy/`, and those services stopped."""
    catalogue, folder = servers[0], tmp_path_factory.mktemp("services")
    catalogue.ask(f"create database {BASE}")
    config = {"extracts": ["sample"], "data": str(folder / "data")}
    dagster = Dagster(folder, catalogue, folder / "data")
    try:
        dagster.start()
        asked = [
            dagster.launch(_ALONE, {"resources": {"reglages": {"config": config}}}, _TOUS)
            for _ in range(2)
        ]
        dagster.start_queue()  # which finds both: neither may be started because it came first
        found = dagster.ended(asked, patience=300)
    finally:
        dagster.stop()
    yield catalogue, {name: found[name] for name in asked}


def _history(catalogue: PostgreSQL) -> str:
    """What PostgreSQL keeps of runs: their end, and each of their events."""
    told = "select run_id, status, start_time, end_time from runs order by id"
    events = "select id, run_id, dagster_event_type, md5(event) from event_logs order by id"
    return catalogue.ask(told, BASE).stdout + catalogue.ask(events, BASE).stdout


def _said(catalogue: PostgreSQL) -> str:
    return catalogue.ask("select event from event_logs where event like '%FAILURE%'", BASE).stdout


def test_two_runs_asked_at_once_go_one_after_the_other(
    two_runs: tuple[PostgreSQL, dict[str, dict]],
) -> None:
    catalogue, found = two_runs
    assert [run["status"] for run in found.values()] == ["SUCCESS", "SUCCESS"], _said(catalogue)
    told = catalogue.ask(_TURNS, BASE).stdout.split()
    first, second = dict.fromkeys(line.partition("|")[0] for line in told)
    assert told == [f"{run}|PIPELINE_{what}" for run in (first, second) for what in _TURN]
    kept = catalogue.ask("select count(*) from runs where status = 'SUCCESS'", BASE).stdout
    assert kept.strip() == "2"


def test_a_run_left_by_a_power_cut_frees_the_queue(
    two_runs: tuple[PostgreSQL, dict[str, dict]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dagster = Dagster(tmp_path, two_runs[0], tmp_path / "data")
    for name, value in dagster.environment.items():
        monkeypatch.setenv(name, value)
    with dg.DagsterInstance.get() as instance:
        ended = {run.run_id: run.status for run in instance.get_runs()}
        left = dg.DagsterRun(job_name="publication", status=dg.DagsterRunStatus.STARTED)
        instance.add_run(left)
    done = subprocess.run(
        command_of("qpv-code.service", dagster.environment, "ExecStartPre"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.endswith(" : 1\n"), done.stdout + done.stderr
    with dg.DagsterInstance.get() as instance:
        states = {run.run_id: run.status for run in instance.get_runs()}
    assert states.pop(left.run_id) == dg.DagsterRunStatus.FAILURE
    assert states == ended


def _sauvegarde(*words: str, **told: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(REPO / "deploy" / "sauvegarde.py"), *words],
        capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin", **told},
    )  # fmt: skip


def _rows(release: Path) -> dict[str, int]:
    """The published tables whose rows the lake does not give as they were published."""
    wrong = {}
    with connect("lac") as con:
        for path in sorted((release / "tables").glob("[dfp]*_*.parquet")):
            mine, theirs = f"from {path.stem}", f"from read_parquet('{path}')"
            [(apart,)] = con.execute(
                f"select (select count(*) from (({mine}) except all ({theirs})))"
                f" + (select count(*) from (({theirs}) except all ({mine})))"
            ).fetchall()
            wrong[path.stem] = apart
    assert len(wrong) >= 14
    return {name: apart for name, apart in wrong.items() if apart}


def test_both_lost_and_put_back(
    lake: Lake,
    two_releases: tuple[Path, Path],
    two_runs: tuple[PostgreSQL, dict[str, dict]],
    tmp_path: Path,
) -> None:
    catalogue, release = two_runs[0], two_releases[0]
    send(lake.lac, release)
    dagster = f"postgresql+psycopg2://qpv@127.0.0.1:{catalogue.port}/{BASE}"
    told = {**lake.environment(), "QPV_DAGSTER": dagster, "HOME": str(tmp_path)}
    before = _history(catalogue)
    done = _sauvegarde("sauver", str(tmp_path / "sauvegardes"), **told)
    assert done.returncode == 0, done.stdout + done.stderr
    [kept] = (tmp_path / "sauvegardes").iterdir()
    assert kept.stat().st_mode & 0o077 == 0

    refused = _sauvegarde("remettre", str(kept), **told)
    assert refused.returncode == 1 and "n'est pas vide" in refused.stderr
    for base in (lake.base, BASE):
        catalogue.ask(f"drop database {base} with (force)")
        catalogue.ask(f"create database {base}")
    _empty(lake)

    damaged = tmp_path / "abimee"
    shutil.copytree(kept, damaged)
    with next((damaged / "seau").rglob("*.parquet")).open("r+b") as one:
        one.write(b"x")
    refused = _sauvegarde("remettre", str(damaged), **told)
    assert refused.returncode == 1 and "a changé" in refused.stderr
    done = _sauvegarde("remettre", str(kept), **told)
    assert done.returncode == 0, done.stdout + done.stderr
    assert _rows(release) == {}
    verified = run_qpv("release", "verify", "--tous", "--data", "lac", **lake.environment())
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert _history(catalogue) == before


def _empty(lake: Lake) -> None:
    """The bucket's files of this lake are gone."""
    from pyarrow import fs

    storage = fs.S3FileSystem(
        endpoint_override=f"127.0.0.1:{lake.storage.port}", scheme="http", region="us-east-1"
    )
    storage.delete_dir(f"{SeaweedFS.SEAU}/{lake.base}")
