"""Connections: the single writer of a build, and read-only access for analysts."""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path

import duckdb

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.release.seal import require_whole

MEMORY_LIMIT = "2GB"
#: Of what is computed or read whole in the build's own process: a national corpus asks for 2.5 GB,
#: and does with this for a tenth more time.
SCRATCH_LIMIT = "1500MB"
#: The oldest DuckDB that reads what a build writes. The format that it has by default is read by
#: DuckDB 0.10 too, and costs a third more to write, three times as much to read, 6 MB in 82.
STORAGE = "v1.3.0"


def connect(data: str | os.PathLike[str] | None = None) -> duckdb.DuckDBPyConnection:
    """The latest release, read-only: `from warehouse import connect; connect().sql(...)`.

    Raises:
        QpvError: no release yet in that data folder.
    """
    return open_release(Layout.resolve(data).latest)


def open_release(release: Path) -> duckdb.DuckDBPyConnection:
    """One release's tables, read-only.

    Raises:
        QpvError: there is none, or it is not what was published.
    """
    database = release / "qpv.duckdb"
    if not database.is_file():
        raise QpvError(
            "aucune publication dans ce dossier de données",
            ou=str(release.parent),
            faire="lancer `qpv build`, ou donner le bon dossier avec --data ou QPV_DATA",
        )
    try:
        return duckdb.connect(str(require_whole(release, database.name)), read_only=True)
    except duckdb.Error as error:
        raise QpvError(
            f"la base de la publication ne se lit pas ({type(error).__name__})",
            ou=str(database),
            faire="voir ce qui a changé par `qpv release verify`",
        ) from error


def open_writer(database: Path) -> duckdb.DuckDBPyConnection:
    """A database that a build writes, with the build's memory limit."""
    database.parent.mkdir(parents=True, exist_ok=True)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "threads": 2,
        "storage_compatibility_version": STORAGE,
    }
    return duckdb.connect(str(database), config=config)


def open_scratch(limit: str = SCRATCH_LIMIT) -> duckdb.DuckDBPyConnection:
    """A database in memory, which spills into the temporary folder what passes its limit."""
    return _bounded(":memory:", read_only=False, limit=limit)


def open_reader(database: Path) -> duckdb.DuckDBPyConnection:
    """A database that is read whole, under the same limit."""
    return _bounded(str(database), read_only=True)


def _bounded(
    database: str, *, read_only: bool, limit: str = SCRATCH_LIMIT
) -> duckdb.DuckDBPyConnection:
    spilled = Path(tempfile.gettempdir(), f"duckdb-{uuid.uuid4().hex}")
    return duckdb.connect(
        database,
        read_only=read_only,
        config={"memory_limit": limit, "threads": 2, "temp_directory": str(spilled)},
    )


def texte_sql(value: object) -> str:
    """A text as SQL writes it, quotes included: for a path or a comment, which cannot be bound."""
    return "'" + str(value).replace("'", "''") + "'"
