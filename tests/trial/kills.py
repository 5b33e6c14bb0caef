"""Kills: of whole builds at any instant, and inside each write that readers or the next run trust.

After each, `latest` is whole; the next run ends with the same tables.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from ingest.collect import collect
from ingest.extracts_folder import ExtractsFolder
from ingest.landing import LandingReport, land_read, read_file
from ingest.receipts import read_receipt, write_receipt
from ingest.registry import load_registry
from orchestration.cli.release_verification import verify_releases
from tests.trial.case import Ended, Judged, latest_faults
from tests.trial.run import fork_qpv, run_to_end
from warehouse.base.layout import SAMPLE_DIR, Layout
from warehouse.release.promotion import MANIFEST, clear_drafts, latest_release, promote, start_draft
from warehouse.release.register import forget
from warehouse.release.seal import SUMS
from warehouse.release.withdrawal import find_release, finish_withdrawals, withdraw

#: How many of each, 200 in all; a build in so many is run again to its end.
BUILDS, PROMOTIONS, WITHDRAWALS, LANDINGS = 25, 75, 50, 50
_AGAIN = 5
_SEED = 20150101


def kill_cases(base: Path, work: Path, only: str) -> Iterator[Judged]:
    """The four kinds of kills whose name holds `only`."""
    chance = random.Random(_SEED)
    kinds = {
        "kill d'une construction": _builds,
        "kill d'une promotion": _promotions,
        "kill d'un retrait": _withdrawals,
        "kill d'un atterrissage": _landings,
    }
    for kind, part in kinds.items():
        if only in kind:
            folder = work / part.__name__
            folder.mkdir(parents=True)
            for name, wrong, seconds in part(base, folder, chance):
                yield Judged(kind, name, wrong, seconds=seconds)


Told = Iterator[tuple[str, list[str], float]]


def _builds(base: Path, work: Path, chance: random.Random) -> Told:
    data, said = work / "data", work / "messages"
    shutil.copytree(base, data, symlinks=True)
    words = ("build", "--sample", "--sans-documents", "--data", str(data))
    whole = run_to_end(fork_qpv(words, said))
    expected = tables(base)
    for number in range(1, BUILDS + 1):
        wait = chance.uniform(0, whole.seconds)
        began = time.monotonic()
        running = fork_qpv(words, said)
        while (ended := running.poll()) is None and time.monotonic() - began < wait:
            time.sleep(0.005)
        if ended is None:
            os.killpg(running.pid, signal.SIGKILL)
            ended = run_to_end(running)
        wrong = latest_faults(data)
        if number % _AGAIN == 0:
            wrong += _next_build(words, said, data, expected)
        yield f"après {wait:.1f} s", wrong, ended.seconds


def _next_build(words: tuple[str, ...], said: Path, data: Path, expected: dict) -> list[str]:
    ended: Ended = run_to_end(fork_qpv(words, said))
    if ended.code != 0:
        return [f"la suivante s'arrête : {ended.text[-200:]}"]
    found = latest_faults(data)
    found += [] if tables(data) == expected else ["la suivante n'a pas les mêmes tables"]
    left = [p.name for p in (data / "releases").glob(".*")]
    return found + [f"reste {name}" for name in left]


def tables(data: Path) -> dict[str, list]:
    """Every table of the release that `latest` names, ordered."""
    database = data / "releases" / "latest" / "qpv.duckdb"
    with duckdb.connect(str(database), read_only=True) as con:
        names = [
            name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()
        ]
        return {n: con.execute(f"select * from {n} order by all").fetchall() for n in names}


def _killed(action: Callable[[], object], wait: float) -> bool:
    """Whether an action, in a process of its own, was killed before its end.

    Args:
        wait: seconds from its beginning.
    """
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ready)
        try:
            os.write(go, b"x")
            action()
        finally:
            os._exit(0)
    os.close(go)
    os.read(ready, 1)
    os.close(ready)
    limit = time.perf_counter() + wait
    while time.perf_counter() < limit:
        pass  # a sleep is too coarse for microseconds
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0


def _lasts(action: Callable[[], object]) -> float:
    """Seconds that an action takes in a process of its own."""
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        try:
            action()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    return time.perf_counter() - began


def _draft(layout: Layout, model: Path, name: str):
    """A draft with the files of a release, and the manifest that it will be given."""
    draft = start_draft(layout, "2023", [name])
    for path in model.rglob("*"):
        to = draft.path / path.relative_to(model)
        if path.is_dir():
            to.mkdir(parents=True, exist_ok=True)
        elif path.name not in (SUMS, MANIFEST):
            to.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, to)
    manifest = {"release_id": draft.release_id, "edition": "2023", "titre": name}
    return draft, manifest | {"publiee_le": "2026-01-01T00:00:00+00:00"}


def _model(base: Path, work: Path) -> tuple[Layout, Path]:
    """A data folder with one release, and a release to make others of."""
    layout = Layout(work / "data")
    shutil.copytree(base / "releases", layout.releases, symlinks=True)
    return layout, layout.latest.resolve()


def _verified(layout: Layout) -> list[str]:
    return [said for said, good in verify_releases(layout, None) if not good]


def _promotions(base: Path, work: Path, chance: random.Random) -> Told:
    layout, model = _model(base, work)
    draft, manifest = _draft(layout, model, "mesure")
    lasts = _lasts(lambda: promote(layout, draft, manifest))
    for number in range(PROMOTIONS):
        old = latest_release(layout).name
        draft, manifest = _draft(layout, model, str(number))
        wait = chance.uniform(0, 1.1 * lasts)
        _killed(lambda draft=draft, manifest=manifest: promote(layout, draft, manifest), wait)
        now = latest_release(layout).name
        wrong = latest_faults(layout.root)
        if now not in (old, draft.release_id):
            wrong.append(f"latest est {now}")
        wrong += _verified(layout)
        clear_drafts(layout)
        wrong += _verified(layout)
        if now != old:
            _forget(layout, old, model)
        yield f"{wait * 1e6:.0f} µs de {lasts * 1e6:.0f}", wrong, wait
    draft, manifest = _draft(layout, model, "dernière")
    promote(layout, draft, manifest)
    yield "la promotion suivante", _verified(layout), 0.0


def _forget(layout: Layout, name: str, model: Path) -> None:
    """Free the disk of a release that no longer matters."""
    if name != model.name:
        withdraw(layout, find_release(layout, name), "essai")
        shutil.rmtree(layout.withdrawn)
        shutil.rmtree(layout.releases / name)
        forget(layout, name)


def _withdrawals(base: Path, work: Path, chance: random.Random) -> Told:
    layout, model = _model(base, work)

    def published(name: str) -> Path:
        draft, manifest = _draft(layout, model, name)
        return promote(layout, draft, manifest)

    first = published("mesure")
    lasts = _lasts(lambda: withdraw(layout, first, "essai"))
    for number in range(WITHDRAWALS):
        release = published(str(number))
        wait = chance.uniform(0, 1.1 * lasts)
        _killed(lambda release=release: withdraw(layout, release, "essai"), wait)
        wrong = latest_faults(layout.root)
        finish_withdrawals(layout)
        wrong += latest_faults(layout.root)
        standing = (release / MANIFEST).exists()
        if standing != (latest_release(layout) == release):
            wrong.append(f"{release.name} : à moitié retirée")
        clear_drafts(layout)
        wrong += _verified(layout)
        left = [p.name for p in layout.releases.glob(".retrait-*")]
        wrong += [f"reste {name}" for name in left]
        yield f"{wait * 1e6:.0f} µs de {lasts * 1e6:.0f}", wrong, wait
        if standing:
            withdraw(layout, release, "essai")


def _landings(base: Path, work: Path, chance: random.Random) -> Told:
    source, millesime = load_registry()["insee_revn"], "2023"
    layout, folder = Layout(work / "data"), work / "extraits"
    shutil.copytree(SAMPLE_DIR, folder)
    shutil.copytree(base / "releases", layout.releases, symlinks=True)
    codes = frozenset(
        line.split(";")[0] for line in (folder / "liste-qp2015.csv").read_text("utf-8").splitlines()
    )
    parquet = layout.landed(source.id, millesime)

    def land() -> None:
        extracts = ExtractsFolder(folder)
        collected = collect(source, millesime, archive=layout.archive, extracts=extracts)
        read = [read_file(source, millesime, partie, file) for partie, file in collected.files]
        report: LandingReport = land_read(source, millesime, read, out=parquet, codes_qpv=codes)
        write_receipt(parquet, collected, report)

    def rows() -> list:
        columns = "* exclude (sha256)"
        return duckdb.sql(f"select {columns} from '{parquet}' order by all").fetchall()

    land()
    expected, lasts = rows(), _lasts(land)
    for number in range(LANDINGS):
        # Half of them over a landing that is there, half where nothing is.
        if number % 2:
            shutil.rmtree(layout.landing, ignore_errors=True)
            shutil.rmtree(layout.archive, ignore_errors=True)
        wait = chance.uniform(0, 1.1 * lasts)
        _killed(land, wait)
        wrong = latest_faults(layout.root)
        if read_receipt(parquet) is not None and rows() != expected:
            wrong.append("un reçu sans ses lignes")
        land()
        wrong += [] if rows() == expected else ["l'atterrissage suivant n'a pas les mêmes lignes"]
        yield f"{wait * 1e6:.0f} µs de {lasts * 1e6:.0f}", wrong, wait
