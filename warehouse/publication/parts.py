"""The parts of a draft: what each is made from, and the files that are its own. Makes none."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from warehouse.declared.table_models import TABLES as PUBLIEES


@dataclass(frozen=True)
class Part:
    """One part: the parts that it reads, and its files, as patterns from the draft's folder."""

    depuis: tuple[str, ...]
    fichiers: tuple[str, ...]


TABLES = "tables"
DESCRIPTEURS = "descripteurs"
#: In the order in which a run makes them.
PARTS = {
    TABLES: Part(
        (),
        (
            "qpv.duckdb",
            *(f"tables/{table}.{ending}" for table in PUBLIEES for ending in ("csv", "parquet")),
        ),
    ),
    "tableaux": Part((TABLES,), ("tables/rubriques", "tables/tableau_large*")),
    "carte": Part(
        (TABLES,), ("tables/contours.geojson", "tables/contours.parquet", "tables/lieux.geojson")
    ),
    "journal": Part((TABLES,), ("CHANGELOG.md", "changelog.json", "changements.parquet")),
    # The sheets show each quarter where the map sets it.
    "fiches": Part(
        (TABLES, "carte"),
        (
            "fiches/index.html",
            "fiches/jsonstat.json",
            "fiches/contrats.json",
            *(f"fiches/{folder}" for folder in ("epci", "qpv", "local", "annexes", "contrats")),
        ),
    ),
    # The explorer links to the fiches that are there, and draws the map.
    "explorateur": Part((TABLES, "carte", "fiches"), ("fiches/explorer.html", "fiches/explorer")),
    "classeurs": Part((TABLES,), ("classeurs",)),
    # Last: it gives the fingerprint of every data file, and the doors judge after it.
    DESCRIPTEURS: Part(
        (TABLES, "tableaux", "carte", "journal", "fiches", "explorateur", "classeurs"),
        ("datapackage.json", "catalogue.jsonld", "dictionnaire.html"),
    ),
}


def files_of(draft: Path, part: str) -> list[Path]:
    """What a draft holds of one part: files, and folders that are its own."""
    return sorted(path for pattern in PARTS[part].fichiers for path in draft.glob(pattern))


def clear(draft: Path, part: str) -> None:
    """Remove what a draft holds of one part, and nothing of the others."""
    for path in files_of(draft, part):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def to_make(made: Sequence[str]) -> list[str]:
    """The parts that are not there, or are older than one that they are made from.

    Args:
        made: the parts in the order in which they were last made.
    """
    ranks = {part: rank for rank, part in enumerate(made)}
    stale: list[str] = []
    for part, about in PARTS.items():
        made_at = ranks.get(part, -1)
        if made_at < 0 or any(s in stale or ranks[s] > made_at for s in about.depuis):
            stale.append(part)
    return stale


def first_fiche(release: Path) -> Path | None:
    """The page to show of a release or a draft: its first EPCI, if one has a fiche."""
    return min((release / "fiches" / "epci").glob("*.html"), default=None)
