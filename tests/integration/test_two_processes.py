"""Work shared between two processes: same result, same errors, nobody left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from orchestration.defs.dbt_manifest import DBT
from orchestration.defs.speed import PARSED
from tests.integration.test_fiches import render
from tests.unit.test_fiche_donnees import write_release
from warehouse.base.errors import QpvError
from warehouse.base.processus import share_out
from warehouse.publication.fiches import render as rendering

#: Ends of pipes kept open: closed, they would let the reader go on.
_KEPT: list[int] = []
#: Seconds after which a process that should have ended is a failure.
_PATIENCE = 20


def refuse(number: int) -> int:
    if number == 1:
        raise QpvError("le lot est refusé", ou="lot 1", faire="rien")
    return number


def die(number: int) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def stay(folder: Path, number: int) -> int:
    (folder / f"{os.getpid()}").touch()
    time.sleep(3 * _PATIENCE)
    return number


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_release(tmp_path_factory.mktemp("release") / "qpv.duckdb")


def test_two_processes_write_the_bytes_of_one(db: Path, tmp_path: Path, monkeypatch) -> None:
    render(db, tmp_path / "un")
    monkeypatch.setattr(rendering, "_SEULS", 1)
    monkeypatch.setattr(rendering, "_LOT", 2)
    monkeypatch.setattr(rendering, "coeurs", lambda: 2)
    calls = []
    pages = render(db, tmp_path / "deux", progress=lambda *count: calls.append(count))
    assert calls == [(2, 5), (4, 5), (5, 5)]
    alone = {p.relative_to(tmp_path / "un"): p for p in (tmp_path / "un").rglob("*.*")}
    assert {p.relative_to(tmp_path / "deux") for p in pages} == {
        p for p in alone if p.suffix == ".html"
    }
    assert len(alone) == 11
    for name, path in alone.items():
        assert (tmp_path / "deux" / name).read_bytes() == path.read_bytes(), name


@pytest.mark.parametrize(("fewest", "cores"), [(1, 1), (6, 2)], ids=["one core", "few fiches"])
def test_no_second_process_is_started_for_nothing(
    fewest: int, cores: int, db: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(rendering, "_SEULS", fewest)
    monkeypatch.setattr(rendering, "coeurs", lambda: cores)
    monkeypatch.setattr(rendering, "share_out", None)
    assert len(render(db, tmp_path, pdf=False)) == 6


def test_an_error_of_a_process_comes_out_as_it_was() -> None:
    with pytest.raises(QpvError) as told:
        list(share_out(refuse, range(4), "essais"))
    assert str(told.value) == "le lot est refusé. Où : lot 1. À faire : rien."
    assert told.value.ou == "lot 1"
    assert not multiprocessing.active_children()


def test_a_killed_process_is_told_and_the_other_ends() -> None:
    with pytest.raises(QpvError, match="un processus s'est arrêté"):
        list(share_out(die, range(4), "essais"))
    assert not multiprocessing.active_children()


def test_processes_end_with_a_killed_parent(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.test_two_processes", str(tmp_path)]
    )
    try:
        wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    finally:
        parent.kill()
        parent.wait()
    children = [int(path.name) for path in tmp_path.iterdir()]
    wait_for(lambda: not any(map(is_alive, children)))


def test_dbt_dies_with_a_run_that_is_killed_while_it_works(tmp_path: Path) -> None:
    parsed = tmp_path / "parsed"
    os.mkfifo(parsed)
    words = f"import subprocess, time; p = subprocess.Popen([{DBT!r}, 'list'])"
    parent = subprocess.Popen(
        [sys.executable, "-c", f"{words}; print(p.pid, flush=True); time.sleep({3 * _PATIENCE})"],
        env={**os.environ, PARSED: str(parsed)},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        child = int(parent.stdout.readline())
        wait_for(lambda: reads(parsed))  # dbt is imported, and waits for its project
        assert is_alive(child)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    wait_for(lambda: not is_alive(child))


def reads(fifo: Path) -> bool:
    """Whether somebody waits for what this pipe will bring; he goes on waiting."""
    try:
        _KEPT.append(os.open(fifo, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition) -> None:
    limit = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


if __name__ == "__main__":
    list(share_out(partial(stay, Path(sys.argv[1])), range(4), "essais"))
