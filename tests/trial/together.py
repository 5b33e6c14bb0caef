"""Commands that meet: two builds, Materialize beside a build, two first starts of a fresh clone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.trial.case import Ended, Judged, latest_faults
from tests.trial.run import Running, fork_qpv, run_to_end
from warehouse.base.layout import REPO

#: Seconds for a thing that another process should do.
_PATIENCE = 120
_FOUR = ("insee_demo", "insee_ipro", "insee_revn", "anct_liste_qpv")


def together_cases(base: Path, work: Path, only: str) -> Iterator[Judged]:
    """Each meeting whose name holds `only`."""
    work.mkdir(parents=True)
    for name, meet in {
        "deux constructions": _two_builds,
        "Materialize de quatre assets": _materialize,
        "deux premiers démarrages": _first_starts,
    }.items():
        if only in name:
            began = time.monotonic()
            wrong = meet(base, work / meet.__name__)
            yield Judged("ensemble", name, wrong, seconds=time.monotonic() - began)


def _begun(base: Path, work: Path) -> tuple[Path, tuple[str, ...], Running]:
    """A data folder, and a build of it whose doors have begun to speak."""
    data = work / "data"
    shutil.copytree(base, data, symlinks=True)
    shutil.rmtree(data / "build" / "controles", ignore_errors=True)
    words = ("build", "--sample", "--sans-documents", "--data", str(data))
    running = fork_qpv(words, work / "premiere")
    limit = time.monotonic() + _PATIENCE
    while not _judged(data) and running.poll() is None and time.monotonic() < limit:
        time.sleep(0.005)
    return data, words, running


def _judged(data: Path) -> bool:
    return any((data / "build" / "controles").glob("*/porte_atterrissage-*.json"))


def _two_builds(base: Path, work: Path) -> list[str]:
    data, words, first = _begun(base, work)
    second = run_to_end(fork_qpv(words, work / "seconde"))
    return _refused(second) + _published(run_to_end(first), data, base)


def _materialize(base: Path, work: Path) -> list[str]:
    data, _, first = _begun(base, work)
    beside = _four(data, work / "pendant")
    wrong = _refused(beside) + _published(run_to_end(first), data, base)
    alone = _four(data, work / "ensuite")
    wrong += [] if alone.code == 0 else [f"seule, Materialize s'arrête : {alone.text[-200:]}"]
    wrong += [] if "executor : in_process" in alone.text else ["Materialize sort du processus"]
    again = run_to_end(fork_qpv(("build", "--sample", "--data", str(data)), work / "encore"))
    return wrong + _published(again, data, base)


def _four(data: Path, said: Path) -> Ended:
    """What the UI does of four landing assets: Dagster's own job of assets, in this process."""
    pid = os.fork()
    if pid:
        return run_to_end(Running(pid, said, time.monotonic()))
    code = 70
    try:
        os.setsid()
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        code = _materialized(data)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _materialized(data: Path) -> int:
    import dagster as dg

    from orchestration.definitions import defs
    from orchestration.defs.asset_keys import landing_key
    from orchestration.partitions import TOUS

    reglages = {"edition": "2023", "extracts": ["sample"], "data": str(data)}
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_implicit_global_asset_job_def()
        print("executor :", job.executor_def.name)
        result = job.execute_in_process(
            asset_selection=[landing_key(name) for name in _FOUR],
            instance=instance,
            run_config={"resources": {"reglages": {"config": reglages}}},
            partition_key=TOUS,
            raise_on_error=False,
        )
    for event in result.all_events:
        if error := getattr(event.event_specific_data, "error", None):
            print(error.message, error.cause.message if error.cause else "")
    return 0 if result.success else 1


def _first_starts(base: Path, work: Path) -> list[str]:
    """Two processes that load Dagster's code in a clone where dbt never ran."""
    clone = work / "clone"
    git = ["git", "clone", "--quiet", "--local", str(REPO), str(clone)]
    subprocess.run(git, check=True, timeout=_PATIENCE)
    load = "import orchestration.definitions as d; print(d.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(clone), "PYTHONDONTWRITEBYTECODE": "1"}
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", load],
            cwd=clone,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    wrong = []
    for start in starts:
        said, _ = start.communicate(timeout=2 * _PATIENCE)
        if start.returncode or str(clone) not in said:
            wrong.append(f"un démarrage s'arrête : {said[-300:]}")
    target = clone / "dbt_project" / "target"
    try:
        nodes = json.loads((target / "manifest.json").read_text("utf-8"))["nodes"]
        wrong += [] if nodes else ["manifeste vide"]
    except (OSError, ValueError, KeyError) as error:
        wrong.append(f"manifeste : {error!r}")
    return wrong + [f"reste {left.name}" for left in target.glob(".parse-*")]


def _refused(ended: Ended) -> list[str]:
    said = "une autre construction" in ended.text and ended.code == 1
    return [] if said else [f"la seconde n'est pas refusée : {ended.code} {ended.text[-200:]}"]


def _published(ended: Ended, data: Path, base: Path) -> list[str]:
    if ended.code != 0:
        return [f"la construction s'arrête : {ended.text[-300:]}"]
    lost = _doors(base) - _doors(data)
    return latest_faults(data) + [f"porte absente : {name}" for name in sorted(lost)]


def _doors(data: Path) -> set[str]:
    text = (data / "releases" / "latest" / "RELEASE.json").read_text("utf-8")
    return {door["nom"] for door in json.loads(text)["controles"] if door["passe"]}
