"""Connections: the single writer of a build, and read-only access for analysts."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb

from warehouse.errors import QpvError
from warehouse.layout import Layout

MEMORY_LIMIT = "2GB"


def connect(data: str | os.PathLike[str] | None = None) -> duckdb.DuckDBPyConnection:
    """The latest release, read-only: `from warehouse.connect import connect; connect().sql(...)`.

    Raises:
        QpvError: no release yet in that data folder.
    """
    return open_release(Layout.resolve(data).latest)


def open_release(release: Path) -> duckdb.DuckDBPyConnection:
    """One release's tables, read-only."""
    database = release / "qpv.duckdb"
    if not database.is_file():
        raise QpvError(
            "aucune publication dans ce dossier de données",
            ou=str(release.parent),
            faire="lancer `qpv build`, ou donner le bon dossier avec --data ou QPV_DATA",
        )
    return duckdb.connect(str(database), read_only=True)


def open_writer(database: Path) -> duckdb.DuckDBPyConnection:
    """A database that a build writes, with the build's memory limit."""
    database.parent.mkdir(parents=True, exist_ok=True)
    return duckdb.connect(str(database), config={"memory_limit": MEMORY_LIMIT, "threads": 2})


def texte_sql(value: object) -> str:
    """A text as SQL writes it, quotes included: for a path or a comment, which cannot be bound."""
    return "'" + str(value).replace("'", "''") + "'"
