"""Runs of `qpv` forked from this process, which has imported all; each measured and bounded."""

from __future__ import annotations

import copy
import os
import shutil
import signal
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from tests.fixtures.forked_qpv import Setting, become
from tests.trial.case import MEMORY, SECONDS, Case, Ended, Judged, judge, latest_faults
from tests.trial.raw_server import Server, serve
from warehouse.base.layout import SAMPLE_DIR, SOURCES_DIR

#: The user of cases that own nothing.
STRANGER = 65534
#: Seconds beyond which a run is stopped: what is wrong from 60 s on is told with its length.
_STOPPED = SECONDS + 15
#: Seconds after which a run ends even if nobody looks at it any more.
_LIFE = 900
_USUAL = Setting()


@dataclass
class Running:
    """A forked run under way."""

    pid: int
    said: Path
    began: float
    peak: int = 0
    stopped: str = ""

    def poll(self) -> Ended | None:
        """How it ended, None while it has not; stopped where it takes too much."""
        done, status, used = os.wait4(self.pid, os.WNOHANG)
        spent = time.monotonic() - self.began
        if done:
            _kill(self.pid)  # what it left behind
            text = self.said.read_text("utf-8", "replace") if self.said.is_file() else ""
            code = os.waitstatus_to_exitcode(status)
            peak = max(self.peak, used.ru_maxrss << 10)
            return Ended(code, text, spent, peak, self.stopped)
        self.peak = max(self.peak, _peak(self.pid))
        if not self.stopped and spent > _STOPPED:
            self.stopped = f"arrêté après {spent:.0f} s"
        elif not self.stopped and self.peak > MEMORY:
            self.stopped = f"arrêté à {self.peak / 2**30:.1f} Gio après {spent:.0f} s"
        if self.stopped:
            _kill(self.pid)
        return None

    def enough(self, said: str) -> None:
        """Stop a run that has said this: a witness need not go on."""
        if said and self.said.is_file() and said in self.said.read_text("utf-8", "replace"):
            _kill(self.pid)


def fork_qpv(
    words: Sequence[str], said: Path, setting: Setting = _USUAL, *, stranger: bool = False
) -> Running:
    """Start `qpv` in a process group of its own."""
    said.unlink(missing_ok=True)
    pid = os.fork()
    if pid:
        return Running(pid, said, time.monotonic())
    code = 70
    try:
        os.setsid()
        signal.alarm(_LIFE)
        if stranger:
            os.setgroups([])
            os.setresgid(STRANGER, STRANGER, STRANGER)
            os.setresuid(STRANGER, STRANGER, STRANGER)
            os.environ["HOME"] = str(said.parent)
        become(words, str(said), setting)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def run_to_end(running: Running) -> Ended:
    """Wait for a run."""
    while (ended := running.poll()) is None:
        time.sleep(0.01)
    return ended


def run_cases(cases: Iterable[Case], base: Path, work: Path, lanes: int) -> Iterator[Judged]:
    """Each case, as many at once as there are lanes, judged as it ends.

    Args:
        base: a data folder in which the sample was built; each lane has a copy.
    """
    waiting = iter(cases)
    free = [_Lane(base, work / f"voie-{rank}") for rank in range(lanes)]
    busy: list[_Lane] = []
    while True:
        while free and (case := next(waiting, None)) is not None:
            busy.append(free.pop())
            busy[-1].start(case)
        if not busy:
            return
        for lane in list(busy):
            if (judged := lane.poll()) is not None:
                busy.remove(lane)
                free.append(lane)
                yield judged
        time.sleep(0.02)


class _Lane:
    """A data folder and a copy of the sample in which cases follow one another."""

    def __init__(self, base: Path, work: Path) -> None:
        self.base, self.work = base, work
        self.data, self.folder = work / "data", work / "extraits"
        self.server: Server | None = None
        self._renew()

    def start(self, case: Case) -> None:
        self.case = case
        _remove(self.folder)
        shutil.copytree(SAMPLE_DIR, self.folder)
        case.place(self.folder)
        self.before = (self.data / "releases" / "latest").readlink()
        self.server = serve(case.answer) if case.answer else None
        url = self.server.url if self.server else ""
        setting = Setting()
        if case.source:
            setting = Setting(registry=_registry(case, self.work, url), api=f"{url}/api/1")
        if case.stranger:
            _give(self.work)
        known = {"folder": self.folder, "data": self.data, "server": url}
        words = case.words or ("build", "--extracts", "{folder}", "--sans-documents")
        words = [word.format(**known) for word in words]
        if words[0] == "build" and "--data" not in words:
            words += ["--data", str(self.data)]
        said = self.work / "messages"
        self.run = fork_qpv(words, said, setting, stranger=case.stranger)

    def poll(self) -> Judged | None:
        ended = self.run.poll()
        if ended is None:
            self.run.enough(self.case.said)
            return None
        if self.server:
            self.server.stop()
        judged = judge(self.case, ended, latest_faults(self.data, self.before))
        if judged.wrong or ended.code == 0 or self.case.stranger:
            self._renew()
        return judged

    def _renew(self) -> None:
        _remove(self.work)
        self.work.mkdir(parents=True)
        shutil.copytree(self.base, self.data, symlinks=True)


@cache
def _declared() -> dict[str, dict]:
    return {p.stem: yaml.safe_load(p.read_text("utf-8")) for p in SOURCES_DIR.glob("*.yml")}


def _registry(case: Case, work: Path, url: str) -> Path:
    """The registry as the case declares it, without any address but those of its server."""
    folder = work / "registre"
    _remove(folder)
    folder.mkdir()
    sources = copy.deepcopy(_declared())
    for source in sources.values():
        for holder in (source, *source["millesimes"].values()):
            for key in ("lien", "dataset", "ressource", "url"):
                holder.pop(key, None)
    case.source(sources, url)
    for name, source in sources.items():
        text = yaml.safe_dump(source, allow_unicode=True, sort_keys=False)
        (folder / f"{name}.yml").write_text(text, "utf-8")
    return folder


def _peak(pid: int) -> int:
    """The most memory that a process or a child of it ever held, in bytes."""
    found = 0
    for one in (pid, *_children(pid)):
        try:
            status = Path(f"/proc/{one}/status").read_text()
            found = max(found, int(status.split("VmHWM:")[1].split()[0]) << 10)
        except (OSError, IndexError):
            continue
    return found


def _children(pid: int) -> list[int]:
    try:
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _give(work: Path) -> None:
    """A lane's folders to the stranger; the extracts stay as the case left them."""
    for folder, _, names in os.walk(work / "data"):
        for path in (Path(folder), *(Path(folder) / name for name in names)):
            os.chown(path, STRANGER, STRANGER, follow_symlinks=False)
    os.chown(work, STRANGER, STRANGER)


def _remove(folder: Path) -> None:
    if folder.is_symlink() or folder.is_file():
        folder.unlink()
        return
    for place, folders, _ in os.walk(folder):
        for name in folders:
            if not (path := Path(place) / name).is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
