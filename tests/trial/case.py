"""One hostile thing, what it must be told as, and the judgement of what was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.trial.raw_server import Answer
from warehouse.base.layout import Layout
from warehouse.release.register import read_register
from warehouse.release.seal import faults

#: What a refusal may weigh, last and say.
MEMORY = 3 << 30
SECONDS = 60
CHARACTERS = 2000


@dataclass(frozen=True)
class Case:
    """One hostile file or server, and the command that meets it.

    Attributes:
        kind: its line in the table.
        place: makes it in a copy of the sample, given with the folder; may fail nothing.
        named: what the paragraph must name, one of these.
        words: of the command, with `{folder}` and `{data}`; a build of the folder without them.
        source: edits of the registry that the run reads: source → key path and value.
        answer: what the server of `{server}` in `source` does.
        stranger: run as a user who owns only his data folder.
        said: what must be said instead of a refusal: the case is a witness.
    """

    kind: str
    name: str
    place: Callable[[Path], None]
    named: Sequence[str]
    words: Sequence[str] = ()
    source: Callable[[dict[str, dict], str], None] | None = None
    answer: Answer | None = None
    stranger: bool = False
    said: str = ""


@dataclass
class Ended:
    """How a run ended: wall seconds, peak bytes of its largest process, why it was stopped."""

    code: int | None
    text: str
    seconds: float
    peak: int
    stopped: str = ""


@dataclass
class Judged:
    """A case and what was wrong with it; nothing where it is right."""

    kind: str
    name: str
    wrong: list[str] = field(default_factory=list)
    said: str = ""
    seconds: float = 0.0
    peak: int = 0


def judge(case: Case, ended: Ended, latest: list[str]) -> Judged:
    """What is wrong with the end of a case.

    Args:
        latest: what is wrong with the release that stood before.
    """
    lines = ended.text.rstrip().splitlines()
    paragraph = lines[-1] if lines else ""
    found = list(latest)
    if ended.stopped:
        found.append(ended.stopped)
    elif case.said:
        found += [] if case.said in ended.text else [f"ne dit pas « {case.said} »"]
    elif ended.code != 1:
        found.append(f"code {ended.code}")
    elif not any(name in paragraph for name in case.named):
        found.append(f"ne nomme pas {' ni '.join(case.named)}")
    if len(paragraph) > CHARACTERS:
        found.append(f"{len(paragraph)} caractères")
    found += [f"« {word} »" for word in ("Traceback", "erreur inattendue") if word in ended.text]
    if ended.peak > MEMORY:
        found.append(f"{ended.peak / 2**30:.1f} Gio")
    if ended.seconds > SECONDS and not ended.stopped:
        found.append(f"{ended.seconds:.0f} s")
    said = " / ".join(lines[-3:]) if found else paragraph
    return Judged(case.kind, case.name, found, said, ended.seconds, ended.peak)


def latest_faults(data: Path, before: Path | None = None) -> list[str]:
    """What is wrong with the release that `latest` names, and whether it is another one."""
    layout = Layout(data)
    try:
        now = layout.latest.readlink()
        release = layout.releases / now
        found = faults(release, read_register(layout.releases).get(release.name))
    except Exception as error:
        return [f"latest : {error!r}"]
    return [f"latest : {said}" for said in found[:3]] + (
        ["latest a changé"] if before is not None and now != before else []
    )
