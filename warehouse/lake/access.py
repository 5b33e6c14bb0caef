"""The lake of releases: where the environment says it is, and a connection to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.base.errors import QpvError
from warehouse.release.ducklake import Lac, attach_lake, said_in_environment

#: `postgres:host=… dbname=…`, or the path of a file; the folder or `s3://bucket/prefix/` of data.
CATALOGUE, DONNEES = "QPV_LAC", "QPV_LAC_DONNEES"
#: How the lake is called inside a connection.
NOM = "lac"


def lake_of_environment() -> Lac | None:
    """The lake that `QPV_LAC` and `QPV_LAC_DONNEES` say; None where neither is there.

    Raises:
        QpvError: one without the other, or a password where everyone may read it.
    """
    return said_in_environment("le lac", CATALOGUE, DONNEES)


def required_lake() -> Lac:
    """As `lake_of_environment`, for what asks for a lake.

    Raises:
        QpvError: none is said.
    """
    lac = lake_of_environment()
    if lac is None:
        raise QpvError(
            "aucun lac n'est dit",
            attendu=f"{CATALOGUE} et {DONNEES} dans l'environnement",
            faire="les donner (docs/lac.md) ; sans lac, `connect()` lit le dossier de données",
        )
    return lac


@contextmanager
def opened(lac: Lac, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in which the lake is attached as `lac`, closed at the end.

    Raises:
        QpvError: as `attach`.
    """
    con = attach(lac, read_only=read_only)
    try:
        yield con
    finally:
        con.close()


def attach(lac: Lac, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """A new connection in which the lake is attached as `lac`.

    Raises:
        EmptyLake: it is read, and nobody has written in it yet.
        QpvError: the extensions are not installed, or the catalogue or the data are out of reach.
    """
    con = duckdb.connect()
    try:
        attach_lake(con, lac, NOM, read_only=read_only)
    except BaseException:
        con.close()
        raise
    return con
