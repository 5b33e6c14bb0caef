"""A lake on real servers, as its builders and its readers say it in their environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

import warehouse.lake
from tests.lake.servers import HOST, PostgreSQL, SeaweedFS
from warehouse.release.ducklake import Lac

DROITS = Path(warehouse.lake.__file__).parent / "droits.sql"


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

    def workshop(self) -> dict[str, str]:
        """What a builder says beside it: where workshops are."""
        told = self.environment()
        return {
            **told,
            "QPV_ATELIER": f"{told['QPV_LAC']}_atelier",
            "QPV_ATELIER_DONNEES": f"s3://{SeaweedFS.ATELIER}/{self.base}/",
        }

    def open_to_readers(self) -> None:
        """The rights that the documentation gives, and one analyst."""
        names = {"lac": self.base, "atelier": f"{self.base}_atelier", "proprietaire": "qpv"}
        told = [word for name, value in names.items() for word in ("-v", f"{name}={value}")]
        self.catalogue.client("psql", "qpv", "-d", "postgres", *told, "-f", str(DROITS))
        self.catalogue.ask(
            f"do $$ begin create role lecteur login password '{self.catalogue.password}'"
            " in role qpv_lecteurs; exception when duplicate_object then null; end $$"
        )

    @property
    def lac(self) -> Lac:
        said = self.environment()
        return Lac(said["QPV_LAC"], said["QPV_LAC_DONNEES"])


def made_lake(servers: tuple[PostgreSQL, SeaweedFS], name: str, patch: pytest.MonkeyPatch) -> Lake:
    """An empty lake of that name, said in the environment."""
    base = "".join(c if c.isalnum() else "_" for c in name.lower())[:50]
    made = Lake(*servers, base)
    for one in (base, f"{base}_atelier"):
        servers[0].ask(f"create database {one}")
    for variable, value in made.environment().items():
        patch.setenv(variable, value)
    return made
