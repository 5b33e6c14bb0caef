"""`python -m tests.trial [PART…]`: run the trial, print its table, exit 1 if one is wrong."""

from __future__ import annotations

import argparse
import codecs
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import tests.fixtures.warm  # noqa: F401  every run is forked from what is imported here
from tests.trial.case import Case, Judged
from tests.trial.kills import kill_cases
from tests.trial.packed import packed_cases
from tests.trial.places import place_cases
from tests.trial.run import fork_qpv, run_cases, run_to_end
from tests.trial.servers import server_cases
from tests.trial.texts import text_cases
from tests.trial.together import together_cases

#: Characters of what a wrong one said that the table repeats.
_SAID = 300
#: Runs at once: those that compute, and those that wait for a server.
_BUSY, _WAITING = 2, 6


def main() -> int:
    """Run the parts that are named, all of them without a name."""
    parser = argparse.ArgumentParser(prog="make trial")
    parser.add_argument("parts", nargs="*", help=f"among {', '.join(_PARTS)}")
    parser.add_argument("--only", default="", help="cases whose kind or name holds this text")
    parser.add_argument("--all", action="store_true", help="print the right ones too")
    told = parser.parse_args()
    if unknown := set(told.parts) - set(_PARTS):
        parser.error(f"unknown: {', '.join(unknown)}")
    _warm()
    began, judged = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="qpv-trial-") as scratch:
        work = Path(scratch)
        work.chmod(0o755)
        base = built(work)
        for name, part in _PARTS.items():
            if told.parts and name not in told.parts:
                continue
            for one in part(base, work / name, told.only):
                judged.append(one)
                if one.wrong or told.all:
                    tell(one)
            shutil.rmtree(work / name, ignore_errors=True)
    table(judged, time.monotonic() - began)
    return 1 if any(one.wrong for one in judged) else 0


def _warm() -> None:
    """Import what a run imports late: another user may not read Python's files, nor start it."""
    from multiprocessing.resource_tracker import ensure_running

    import dagster as dg
    import dagster_dbt.core  # noqa: F401

    from orchestration.defs.dbt_manifest import ensure_manifest

    ensure_manifest()
    ensure_running()
    for encoding in ("utf-8-sig", "cp1252"):
        codecs.lookup(encoding)
    with dg.DagsterInstance.ephemeral():
        pass


def built(work: Path) -> Path:
    """A data folder in which the sample was built, as every part begins with."""
    data = work / "base"
    words = ["build", "--sample", "--sans-documents", "--data", str(data)]
    ended = run_to_end(fork_qpv(words, work / "messages"))
    if ended.code != 0:
        sys.exit(f"the sample is not built:\n{ended.text}")
    print(f"échantillon construit en {ended.seconds:.0f} s, {ended.peak / 2**20:.0f} Mio")
    return data


def tell(one: Judged) -> None:
    """A case: what is wrong with it and what it said."""
    verdict = f"FAUX ({' ; '.join(one.wrong)})" if one.wrong else "juste"
    print(f"{verdict} · {one.kind} · {one.name} · {one.seconds:.1f} s · {one.said[:_SAID]}")
    sys.stdout.flush()


def table(judged: list[Judged], seconds: float) -> None:
    """How many were tried, right and wrong, by kind."""
    print("\n| genre | essayés | justes | faux | plus long (s) | pic (Mio) |")
    print("|---|---|---|---|---|---|")
    for kind in [*dict.fromkeys(one.kind for one in judged), None]:
        those = [one for one in judged if kind in (one.kind, None)]
        wrong = sum(bool(one.wrong) for one in those)
        longest = max((one.seconds for one in those), default=0)
        peak = max((one.peak for one in those), default=0) >> 20
        cells = [kind or "ensemble", len(those), len(those) - wrong, wrong, f"{longest:.1f}", peak]
        print(f"| {' | '.join(map(str, cells))} |")
    print(f"\n{seconds / 60:.1f} minutes")


def _cases(
    made: Callable[[], Iterable[Case]], lanes: int
) -> Callable[[Path, Path, str], Iterator[Judged]]:
    def part(base: Path, work: Path, only: str) -> Iterator[Judged]:
        wanted = (c for c in made() if only in c.kind or only in c.name)
        return run_cases(wanted, base, work, lanes)

    return part


_PARTS: dict[str, Callable[[Path, Path, str], Iterator[Judged]]] = {
    "textes": _cases(text_cases, _BUSY),
    "formats": _cases(packed_cases, _BUSY),
    "dossiers": _cases(place_cases, _BUSY),
    "serveurs": _cases(server_cases, _WAITING),
    "kills": kill_cases,
    "ensemble": together_cases,
}

if __name__ == "__main__":
    sys.exit(main())
