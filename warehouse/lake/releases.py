"""The releases that a lake holds: their list, and one opened for reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from warehouse.base.errors import QpvError
from warehouse.lake.access import NOM, attach, opened, required_lake
from warehouse.release.by_name import by_name
from warehouse.release.ducklake import EmptyLake, Lac, out_of_reach

#: The schema and the table of what the lake holds; each release has a schema of its own.
REGISTRE = f"{NOM}.registre.publications"
COLONNES = (
    "publication varchar, edition varchar, titre varchar, schema_tables varchar,"
    " empreinte varchar, publiee_le timestamptz, envoyee_le timestamptz,"
    " retiree_le timestamptz, motif varchar"
)


@dataclass(frozen=True)
class PublicationDuLac:
    """One release of a lake. `empreinte`: of its `SHA256SUMS`; `schema`: where its tables are."""

    publication: str
    edition: str
    titre: str
    schema: str
    empreinte: str
    publiee_le: datetime
    envoyee_le: datetime
    retiree_le: datetime | None
    motif: str | None


def schema_of(release_id: str) -> str:
    """The schema of a release's tables: letters, digits and `_`, which every client takes."""
    return "p_" + "".join(c if c.isalnum() else "_" for c in release_id.lower())


def releases_of(lac: Lac) -> list[PublicationDuLac]:
    """All that the lake holds or held, in the order in which they were published."""
    try:
        with opened(lac, read_only=True) as con:
            return read_register(con)
    except EmptyLake:
        return []


def read_register(con: duckdb.DuckDBPyConnection) -> list[PublicationDuLac]:
    """As `releases_of`, of a lake that is attached; empty before anything was sent."""
    there = con.execute(
        "select count(*) from duckdb_tables() where database_name = ? and schema_name = 'registre'",
        [NOM],
    ).fetchone()
    if there == (0,):
        return []
    rows = con.execute(f"from {REGISTRE} order by publiee_le, envoyee_le").fetchall()
    return [PublicationDuLac(*row) for row in rows]


def connect_lake(publication: str | None = None) -> duckdb.DuckDBPyConnection:
    """A release of the lake, read-only: its tables by their names, as `connect` gives them.

    Args:
        publication: its identifier, or the start of it; the last one published unless said.

    Raises:
        QpvError: no lake is said or it is out of reach, none or several releases of that name,
            or one that was withdrawn.
    """
    lac = required_lake()
    con = attach(lac, read_only=True)
    try:
        chosen = choose(read_register(con), publication)
        con.execute(f"use {NOM}.{chosen.schema}")
    except duckdb.Error as error:
        con.close()
        raise out_of_reach(lac, error) from error
    except QpvError:
        con.close()
        raise
    return con


def choose(known: list[PublicationDuLac], wanted: str | None) -> PublicationDuLac:
    """One of the releases that stand, by its identifier or the start of it; else the last one.

    Raises:
        QpvError: none, several, or one that was withdrawn.
    """
    standing = [one for one in known if one.retiree_le is None]
    if wanted is None or wanted == "latest":
        found = standing[-1:]
    else:
        found = by_name(standing, wanted, lambda one: one.publication)
    if len(found) == 1:
        return found[0]
    for one in known:
        if one.publication == wanted and one.retiree_le:
            raise QpvError(
                f"la publication {wanted} est retirée du lac : {one.motif}",
                faire="choisir une publication qui tient, par `qpv release list --data lac`",
            )
    raise QpvError(
        f"{len(found) or 'aucune'} publication{'s' * (len(found) > 1)} du lac"
        + (f" de nom {wanted!r}" if wanted else ""),
        attendu="l'identifiant d'une publication, ou son début s'il n'en désigne qu'une",
        faire="lire les identifiants par `qpv release list --data lac`, ou en envoyer une par "
        "`qpv lac envoyer`",
    )
