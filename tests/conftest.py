"""Shared fixtures: the releases that the slow promises look at, each built once.

`make test` runs two workers. Modules are given out whole, in the order of the command, and those
that look at the same build go to the same worker: nothing is built twice, nothing is locked.
"""

from __future__ import annotations

import gc
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from orchestration.defs.dbt_manifest import ensure_manifest
from tests.browser import chromium
from tests.fixtures import forked_qpv
from tests.fixtures.landed_extracts import (  # noqa: F401  fixtures
    extracts_cells,
    extracts_landed,
    extracts_layout,
)
from warehouse.base.memory import search_rarely

ensure_manifest()  # definitions take the project as it was parsed
# An example is slow where the machine is busy, and wrong nowhere for that.
settings.register_profile("sans_delai", settings(deadline=None))
settings.load_profile("sans_delai")
gc.disable()  # until all is collected: imports are searched in vain
REPO = Path(__file__).resolve().parent.parent
SHARED = REPO.parent / "shared" / "data"
EXTRACTS = SHARED / "extracts"
EXTRACTS_PLUS = SHARED.parent / "extracts_plus"
SDC = SHARED / "sdc"
TOOLS = Path(sys.executable).parent


def run_qpv(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The installed `qpv` command, as a user runs it."""
    return run_tool("qpv", *words, **environment)


def run_tool(name: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command of the same environment, whatever the PATH says."""
    return subprocess.run(
        [str(TOOLS / name), *words],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=600,
        check=False,
    )


def invoke_qpv(*words: str) -> tuple[int, str]:
    """Exit code and messages of `qpv`, run in this process: imports are paid once."""
    from typer.testing import CliRunner

    from orchestration.cli.main import app

    done = CliRunner().invoke(app, words)
    return done.exit_code, done.output


#: Fixtures that cost a build: the modules that name one of the same family share a worker.
SHARED_BUILD = re.compile(r"\b(sample|national|extracts)_(data|release|landed|cells|layout)\b")
#: What stands on another build is looked at by its worker.
STANDS_ON = {"extracts": "national"}


#: Builds of their own that last: begun last, one of them had the machine to itself for 90 s.
LONGEST = ("test_simulated_year", "test_quarters_in_force", "test_robustness", "test_new_source")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest modules first, so that both workers end together."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


class ByBuild(LoadScopeScheduling):
    """Whole modules to a worker, and all those of one shared build to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        found = SHARED_BUILD.search((REPO / module).read_text(encoding="utf-8"))
        return STANDS_ON.get(found[1], found[1]) if found else module


def pytest_collection_finish() -> None:
    """Nothing that is imported by now is garbage: no later search has to go through it."""
    gc.collect()
    gc.freeze()
    gc.enable()
    search_rarely()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByBuild:
    # `--dist loadgroup` would say it with a mark: pytest 9.2 and xdist 3.8 ignore it together.
    return ByBuild(config, log)


@pytest.fixture(scope="session")
def sample_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which the bundled sample was built."""
    data = tmp_path_factory.mktemp("sample")
    done = forked_qpv.run(
        "build", "--sample", "--annexes", "--data", str(data), stderr=data / "dit.txt"
    )
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture(scope="session")
def sample_release(sample_data: Path) -> Path:
    """The release of the bundled sample (edition 2023)."""
    return (sample_data / "releases" / "latest").resolve()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for the tests of one module: its loop would be in the way of others."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def extracts() -> Path:
    """The real national extracts, which stay outside the repository."""
    if not EXTRACTS.is_dir():
        pytest.skip("the real extracts (../shared/data/extracts) are not here")
    return EXTRACTS


@pytest.fixture(scope="session")
def all_extracts(extracts: Path) -> tuple[Path, ...]:
    """Both folders of real extracts, read together as `--extracts` given twice."""
    if not EXTRACTS_PLUS.is_dir():
        pytest.skip("the second folder of real extracts (../shared/extracts_plus) is not here")
    return extracts, EXTRACTS_PLUS


@pytest.fixture(scope="session")
def sdc() -> Path:
    """Classic test tables for cell suppression, which stay outside the repository."""
    if not SDC.is_dir():
        pytest.skip("the tables for cell suppression (../shared/data/sdc) are not here")
    return SDC


#: One fiche in twelve, in all of France, and those of the quarters named « Centre-Ville ».
SOME_FICHES = """
with places as (
    select code_territoire as code, libelle from dim_territoire
    where type_territoire = 'qpv' and perimetre = '2015'
    union select code_epci, null from pont_qpv_epci where perimetre = '2015'
)
select code from places
qualify row_number() over (order by code) % 12 = 0 or libelle ilike 'centre_ville%'
"""


@pytest.fixture(scope="session")
def national_release(
    all_extracts: tuple[Path, ...], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The release of edition 2022 from the real national extracts, with `SOME_FICHES`."""
    data = tmp_path_factory.mktemp("national")
    words = ["--edition", "2022", "--sans-documents"]
    words += [word for folder in all_extracts for word in ("--extracts", str(folder))]
    some = forked_qpv.Setting(fiches=SOME_FICHES)
    words += ["--data", str(data)]
    done = forked_qpv.run("build", *words, stderr=data / "dit.txt", setting=some)
    assert done.returncode == 0, done.stderr
    return (data / "releases" / "latest").resolve()
