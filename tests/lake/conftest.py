"""A lake on real servers, and one release of the sample to put there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lake.servers import HOST, PostgreSQL, SeaweedFS
from warehouse.release.ducklake import Lac


@dataclass
class Lake:
    """Both servers, and what the environment of whoever uses the lake says."""

    catalogue: PostgreSQL
    storage: SeaweedFS
    base: str

    def environment(self, who: str = "qpv") -> dict[str, str]:
        place = f"postgres:host={HOST} port={self.catalogue.port} user={who} dbname={self.base}"
        return {
            "QPV_LAC": place,
            "QPV_LAC_DONNEES": f"s3://{SeaweedFS.SEAU}/{self.base}/",
            "PGPASSWORD": self.catalogue.password,
            **self.storage.environment(who),
        }

    @property
    def lac(self) -> Lac:
        said = self.environment()
        return Lac(said["QPV_LAC"], said["QPV_LAC_DONNEES"])


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
    base = "".join(c if c.isalnum() else "_" for c in request.node.name.lower())[:50]
    servers[0].ask(f"create database {base}")
    made = Lake(*servers, base)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    return made


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
