"""The disclosure library on its own: a wheel, installed without the house, runs its README."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from email.parser import Parser
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import REPO

LIBRARY = REPO / "quality" / "disclosure"
#: Without `site`, no .pth is followed: the house, installed in place, is not to be found.
_ALONE = (
    "import sys; sys.path[:0] = {paths!r}; exec(compile(open({code!r}).read(), 'example', 'exec'))"
)
_NO_HOUSE = """
from importlib.util import find_spec
assert not any(map(find_spec, ("quality", "warehouse", "ingest", "orchestration")))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy of the folder: a build leaves its traces beside what it builds."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(LIBRARY, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    words = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    command = [sys.executable, "-m", "pip", *words, "-w", str(folder), str(folder / "source")]
    subprocess.run(command, check=True, capture_output=True, text=True)
    [built] = folder.glob("*.whl")
    return built


def _alone(code: str, folder: Path, wheel: Path) -> subprocess.CompletedProcess:
    target = folder / "installed"
    with ZipFile(wheel) as content:
        content.extractall(target)
    script = folder / "example.py"
    script.write_text(_NO_HOUSE + code, encoding="utf-8")
    paths = [str(target), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    command = [sys.executable, "-I", "-S", "-c", _ALONE.format(paths=paths, code=str(script))]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_readme_runs_from_the_wheel_without_the_house(wheel: Path, tmp_path: Path) -> None:
    [example] = re.findall(r"```python\n(.*?)```", (LIBRARY / "README.md").read_text("utf-8"), re.S)
    done = _alone(example, tmp_path, wheel)
    assert done.returncode == 0, done.stderr
    under, clear, slip, rounded = done.stdout.splitlines()
    # Three jobs in the shops of Aix are the one count from 1 to 4.
    assert under.startswith("1 under secrecy, ")
    assert int(under.split()[3]) >= 3
    assert (clear, slip) == ("exposed: 0", "exposed: 0 then True")
    assert float(rounded.split()[1]) < 5 and rounded.endswith("exposed: 0")


def test_every_module_is_in_the_wheel_with_its_licence(wheel: Path) -> None:
    with ZipFile(wheel) as content:
        names = content.namelist()
        [metadata] = [n for n in names if n.endswith("/METADATA")]
        told = Parser().parsestr(content.read(metadata).decode())
    modules = {p.relative_to(LIBRARY).as_posix() for p in LIBRARY.rglob("*.py")}
    assert {n.removeprefix("disclosure_tables/") for n in names if n.endswith(".py")} == modules
    assert (told["Name"], told["License-Expression"]) == ("disclosure-tables", "EUPL-1.2")
    assert any(n.endswith("licenses/LICENSE") for n in names)
    needs = {re.split(r"[<>=]", n)[0] for n in told.get_all("Requires-Dist") or []}
    assert needs == {"highspy", "numpy", "pydantic", "scipy"}


def test_what_cannot_be_masked_is_said_in_one_paragraph(wheel: Path, tmp_path: Path) -> None:
    code = """
from disclosure_tables.calls import mask
from disclosure_tables.refused import DisclosureError
relations = {"tableaux": [{"fichier": "t", "dimensions": ["z"], "mesures": {"n": {}}}]}
try:
    mask([{"z": "A", "n": 3}], relations)
except DisclosureError as error:
    print(error.quoi)
"""
    done = _alone(code, tmp_path, wheel)
    assert done.stdout.strip() == "aucune règle : rien ne dit quelles cases sont sous secret", done
