"""A lake on real servers, and one release of the sample to put there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lake.day import Day, lived
from tests.lake.lakes import Lake, made_lake
from tests.lake.servers import PostgreSQL, SeaweedFS


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PostgreSQL, SeaweedFS]]:
    # Not below pytest's folder, which another run closes again to all but its owner.
    own = Path(tempfile.mkdtemp(prefix="qpv-postgresql-"))
    catalogue = PostgreSQL(own)
    storage = SeaweedFS(tmp_path_factory.mktemp("seaweedfs"))
    catalogue.start()
    try:
        storage.start()
        yield catalogue, storage
    finally:
        storage.stop()
        catalogue.stop()
        shutil.rmtree(own)


@pytest.fixture
def lake(
    servers: tuple[PostgreSQL, SeaweedFS],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Lake:
    """An empty lake of the test's own, said in the environment."""
    return made_lake(servers, request.node.name, monkeypatch)


@pytest.fixture(scope="session")
def two_releases(sample_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The release of the sample, and the same published again under another name."""
    folder = tmp_path_factory.mktemp("publications") / "releases"
    folder.mkdir()
    latest = (sample_data / "releases" / "latest").resolve()
    found = []
    for name in (latest.name, latest.name.replace("2023-", "2022-", 1)):
        shutil.copytree(latest, folder / name)
        found.append(folder / name)
    return found[0], found[1]


@pytest.fixture(scope="session")
def lived_day(
    servers: tuple[PostgreSQL, SeaweedFS],
    two_releases: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Day:
    # Said while it lasts only: a build of another test would send its release there.
    with pytest.MonkeyPatch.context() as patch:
        lake = made_lake(servers, "une_journee", patch)
        return lived(lake, two_releases[1], tmp_path_factory.mktemp("chantiers"))


@pytest.fixture
def day(lived_day: Day, monkeypatch: pytest.MonkeyPatch) -> Day:
    """That day, its lake said in the environment."""
    for name, value in lived_day.lake.environment().items():
        monkeypatch.setenv(name, value)
    return lived_day
