"""Every path of the data folder, from one variable. Knows nothing of what the files hold."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent
DBT_PROJECT = REPO / "dbt_project"
DICTIONARY_DIR = DBT_PROJECT / "dictionary"
EDITIONS_DIR = DBT_PROJECT / "editions"
DOMAIN_DIR = DBT_PROJECT / "domain"
ARBITRAGES = DBT_PROJECT / "arbitrages.yml"
DIFFUSION = DBT_PROJECT / "diffusion.yml"
NOMS = DBT_PROJECT / "noms.yml"
PROFIL = DBT_PROJECT / "profil.yml"
CONTRATS_EXEMPLE = DBT_PROJECT / "exemples" / "contrats"
ENSEMBLES_DIR = DBT_PROJECT / "ensembles"
SYNONYMES = DBT_PROJECT / "synonymes.yml"
SANS_INDICATEUR = DBT_PROJECT / "sans_indicateur.yml"
SOURCES_DIR = REPO / "ingest" / "sources"
SECRET = SOURCES_DIR.parent / "secret.yml"
NOMENCLATURES = SOURCES_DIR.parent / "nomenclatures.yml"
LOCALISATION = SOURCES_DIR.parent / "localisation.yml"
LOCKS_DIR = REPO / "ingest" / "locks"
SAMPLE_DIR = REPO / "ingest" / "sample"

ENV_VAR = "QPV_DATA"


@dataclass(frozen=True)
class Layout:
    """Paths below one data folder (`--data`, else `QPV_DATA`, else `./data`)."""

    root: Path

    @classmethod
    def resolve(cls, data: str | os.PathLike[str] | None = None) -> Layout:
        """The layout for an explicit folder, the environment's, or `./data`."""
        named = Path(data or os.environ.get(ENV_VAR) or "data").expanduser()
        # A link to itself is refused by whoever opens it, with its name.
        return cls(Path(os.path.realpath(named)))

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def build(self) -> Path:
        return self.root / "build"

    @property
    def releases(self) -> Path:
        return self.root / "releases"

    @property
    def drafts(self) -> Path:
        """Whole drafts that wait for a person to read them, out of readers' reach."""
        return self.root / "brouillons"

    @property
    def watch(self) -> Path:
        """What the watch over producers remembers, a JSON per source."""
        return self.root / "veille"

    @property
    def messages(self) -> Path:
        """What people were told: a diary, and which message went where."""
        return self.root / "messages"

    @property
    def lists(self) -> Path:
        """What was given out of lists that people brought: their owner's alone."""
        return self.root / "listes"

    @property
    def contracts(self) -> Path:
        """Contracts that the host declares, where no other folder is given."""
        return self.root / "contrats"

    @property
    def latest(self) -> Path:
        return self.releases / "latest"

    @property
    def withdrawn(self) -> Path:
        """Releases that no longer stand, out of readers' reach."""
        return self.root / "retirees"

    def rendered(self, release_id: str) -> Path:
        """Fiches rendered one by one from a release, which does not change."""
        return self.root / "fiches" / release_id

    @property
    def lock_file(self) -> Path:
        return self.root / ".qpv.lock"

    @property
    def warehouse_db(self) -> Path:
        return self.build / "warehouse.duckdb"

    @property
    def dbt_target(self) -> Path:
        return self.build / "dbt"

    def landed(self, source_id: str, millesime: str) -> Path:
        """The Parquet file of one source and one millésime."""
        return self.landing / source_id / f"{millesime}.parquet"

    @property
    def units(self) -> Path:
        """Files of units as a cluster reads them, a folder per source and millésime."""
        return self.root / "unites"

    @property
    def unit_counts(self) -> Path:
        """What a cluster counted, a folder per model and millésime."""
        return self.root / "comptes"

    @property
    def spark_log(self) -> Path:
        """What Spark said in this process's runs."""
        return self.build / "grappe.log"

    @property
    def spark_report(self) -> Path:
        """Which millésimes this build's models were counted for, a line of JSON per model."""
        return self.build / "grappe.jsonl"

    @property
    def temporary(self) -> Path:
        """Files under way of the present run."""
        return self.build / "tmp"

    @property
    def doors(self) -> Path:
        """What the doors said, a folder per run."""
        return self.build / "controles"

    @property
    def periods_report(self) -> Path:
        """What the values of this run's files say of their declared periods."""
        return self.build / "periodes.json"

    @property
    def plausibility_report(self) -> Path:
        """What the rules of plausibility found in this run's figures."""
        return self.build / "plausibilite.json"


def witnesses_of(parquet: Path) -> Path:
    """Beside a landed file, the columns in which its producer speaks of other periods."""
    return parquet.with_suffix(".temoins.parquet")


def subjects_of(parquet: Path) -> Path:
    """Beside a landed file, the communes that its figures about communes are about."""
    return parquet.with_suffix(".communes.parquet")
