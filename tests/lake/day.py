"""One day of a shared lake: two editions built at once in workshops, people reading all along."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import TOOLS
from tests.lake.analysts import ASSIS
from tests.lake.lakes import Lake
from warehouse.base.layout import SAMPLE_DIR
from warehouse.lake.sending import send

#: Ten in CI: fifty take a quarter of an hour of two cores.
ANALYSTES = 10 if os.environ.get("CI") else 50
#: Beside the sample's own edition, one that other files of the same folder serve.
AUTRE = "2022"


def started(data: Path, *words: str, **told: str) -> subprocess.Popen[str]:
    """`qpv build` on its way, its words in a file."""
    data.mkdir(exist_ok=True)
    with (data / "dit.txt").open("w") as said:
        return subprocess.Popen(
            [str(TOOLS / "qpv"), "build", "--sans-documents", "--data", str(data), *words],
            stdout=said,
            stderr=said,
            text=True,
            env={**os.environ, **told},
        )


def said_by(data: Path) -> str:
    return (data / "dit.txt").read_text(encoding="utf-8")


def until_said(data: Path, words: str, build: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 600
    while words not in said_by(data):
        assert build.poll() is None and time.monotonic() < until, said_by(data)
        time.sleep(0.2)


@dataclass
class Day:
    """One day of a shared lake: two editions built at once, people reading all along."""

    lake: Lake
    before: str
    folders: tuple[Path, Path]
    codes: list[int]
    seconds: float
    told: dict


def lived(lake: Lake, before: Path, folder: Path) -> Day:
    """Two builds from their start to their release in the lake, where one release was before."""
    lake.open_to_readers()
    send(lake.lac, before)
    others = shutil.copytree(SAMPLE_DIR, folder / "fichiers")
    champ = others / "champ.yml"
    champ.write_text(re.sub(r"(?m)^edition:.*$", "", champ.read_text(encoding="utf-8")))
    reading = subprocess.Popen(
        [sys.executable, "-m", "tests.lake.analysts", str(ANALYSTES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **lake.environment("lecteur")},
    )
    assert reading.stdout and reading.stdout.readline().strip() == ASSIS
    start, folders = time.monotonic(), (folder / "une", folder / "autre")
    builds = [
        started(folders[0], "--sample", **lake.workshop()),
        started(folders[1], "--extracts", str(others), "--edition", AUTRE, **lake.workshop()),
    ]
    try:
        codes = [one.wait(1500) for one in builds]
        seconds = time.monotonic() - start
        said, _ = reading.communicate("", timeout=600)
    finally:
        for one in (*builds, reading):
            one.kill()
    return Day(lake, before.name, folders, codes, seconds, json.loads(said))
