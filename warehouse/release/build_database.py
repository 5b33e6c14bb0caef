"""The database of a build: a file of the data folder, or a workshop in a shared lake.

A workshop is a DuckLake catalogue of the build's own, in a schema of the server's database, with
its own folder of encrypted files. Builds share no catalogue: none sees another's snapshots.
Whoever asks for the database names the file; beside it, a marker says where the workshop is.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.base.errors import QpvError
from warehouse.base.whole_files import write_whole_text
from warehouse.release.connect import MEMORY_LIMIT, open_writer, texte_sql
from warehouse.release.ducklake import Lac, attach_lake, out_of_reach, said_in_environment

#: The server's database and the place of workshops; both closed to those who read releases.
CATALOGUE, DONNEES = "QPV_ATELIER", "QPV_ATELIER_DONNEES"
#: The name of a build's database inside a connection: dbt's models are compiled with it.
NOM = "warehouse"
#: A lake counts the rows of a table and not its distinct values: DuckDB would choose an order of
#: joins on a wrong guess, and `int_ecarts` of all France fill a disk of 50 GB. Joins are made as
#: they are written, as in the profile of dbt.
AS_WRITTEN = "join_order"
_PREFIX = "atelier_"
#: What DuckDB says, through whatever passes it on, when one of the two servers does not answer.
_AWAY = {
    "le catalogue PostgreSQL": re.compile(
        r"connection to server|server closed|terminating connection|libpq|postgres|"
        r"starting up|shutting down",
        re.IGNORECASE,
    ),
    "le stockage S3": re.compile(
        r"\bHTTP (error|GET|HEAD|PUT|POST|DELETE)\b|s3://|Could not establish connection",
        re.IGNORECASE,
    ),
}


def workshops_of_environment() -> Lac | None:
    """Where `QPV_ATELIER` and `QPV_ATELIER_DONNEES` put workshops; None where neither is there.

    Raises:
        QpvError: half of it, a password, or a catalogue that is no server's.
    """
    place = said_in_environment("l'atelier", CATALOGUE, DONNEES)
    if place and not place.is_shared:
        raise QpvError(
            "le catalogue de l'atelier est un fichier",
            ou=CATALOGUE,
            attendu="postgres:host=… dbname=…",
            faire="donner un serveur PostgreSQL ; sur une machine seule, se passer d'atelier",
        )
    return place


def workshop_of(database: Path) -> Lac | None:
    """The workshop in which a build was made; None where it is a file."""
    marker = _note_of(database)
    if not marker.is_file():
        return None
    return Lac(**json.loads(marker.read_text(encoding="utf-8")))


def workshop_away(said: str) -> QpvError | None:
    """What to tell of an error that comes from the servers of workshops; None if it does not.

    Its own words stay out: a message of DuckDB may hold a row.
    """
    for server, words in _AWAY.items():
        if words.search(said):
            return QpvError(
                f"l'atelier s'est arrêté : {server} ne répond pas, ou a été coupé",
                ou=f"{CATALOGUE} et {DONNEES}",
                faire="vérifier que les deux serveurs répondent, puis relancer `qpv build`, qui "
                "reprend un atelier neuf ; les publications n'ont pas bougé",
            )
    return None


def is_built(database: Path) -> bool:
    """Whether a build was made there, in a file or in a workshop."""
    return database.is_file() or _note_of(database).is_file()


def open_build(database: Path, *, read_only: bool = True) -> duckdb.DuckDBPyConnection:
    """A build's database, schemas `landing` to `marts` by their names.

    Raises:
        QpvError: its workshop is out of reach.
        duckdb.Error: its file is not there, or held by another.
    """
    workshop = workshop_of(database)
    if workshop is None:
        if read_only:
            return duckdb.connect(str(database), read_only=True)
        return open_writer(database)
    spilled = str(database.parent / "tmp")
    con = duckdb.connect(
        config={"memory_limit": MEMORY_LIMIT, "threads": 2, "temp_directory": spilled}
    )
    try:
        _attach_workshop(con, workshop, NOM, read_only=read_only)
        con.execute(f"use {NOM}")
    except BaseException:
        con.close()
        raise
    return con


def attach_build(con: duckdb.DuckDBPyConnection, database: Path, name: str = "build") -> None:
    """A build's database under a name in another connection, read-only.

    Raises:
        QpvError: its workshop is out of reach.
    """
    if workshop := workshop_of(database):
        _attach_workshop(con, workshop, name, read_only=True)
    else:
        con.execute(f"attach {texte_sql(database)} as {name} (read_only)")


def _attach_workshop(
    con: duckdb.DuckDBPyConnection, workshop: Lac, name: str, *, read_only: bool
) -> None:
    attach_lake(con, workshop, name, read_only=read_only)
    con.execute(f"set disabled_optimizers = {texte_sql(AS_WRITTEN)}")


def checkpoint(database: Path) -> None:
    """The whole of a database in its file: dbt may end before its journal is written there, and
    each reader would then play it again. A workshop has no journal."""
    if workshop_of(database) is None:
        with open_writer(database) as con:
            con.execute("checkpoint")


@contextmanager
def fresh_build(
    database: Path, workshops: Lac | None, edition: str
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty database, that takes the place of the one before.

    Args:
        workshops: where workshops are; None for a file.
        edition: said in the workshop's name.

    Raises:
        QpvError: the lake is out of reach.
    """
    draft = database.with_suffix(".tmp")
    for stale in (draft, _wal(draft), _wal(database)):
        stale.unlink(missing_ok=True)
    _forget_workshop(database, workshops)
    if workshops is None:
        with open_writer(draft) as con:
            yield con
        draft.replace(database)
        return
    database.unlink(missing_ok=True)
    database.parent.mkdir(parents=True, exist_ok=True)
    instant = f"{datetime.now(UTC):%Y%m%dt%H%M%S}"
    edition = "".join(c if c.isalnum() else "_" for c in edition.lower())
    name = f"{_PREFIX}{edition}_{instant}_{secrets.token_hex(2)}"
    mine = replace(workshops, donnees=f"{workshops.donnees}{name}/", schema=name, chiffre=True)
    write_whole_text(_note_of(database), json.dumps(asdict(mine)))
    with open_build(database, read_only=False) as con:
        con.execute("begin")
        yield con
        con.execute("commit")


def _forget_workshop(database: Path, workshops: Lac | None) -> None:
    """The one before is no more; one on another server may be out of reach, and stays there."""
    former = workshop_of(database)
    if former is None:
        return
    if workshops and workshops.catalogue == former.catalogue:
        drop_workshop(former)
    else:
        with suppress(QpvError):
            drop_workshop(former)
    _note_of(database).unlink()


def drop_workshop(workshop: Lac) -> None:
    """Delete a workshop: its files, then its catalogue. One that is half deleted is taken up again.

    Raises:
        QpvError: the lake is out of reach.
    """
    with duckdb.connect() as con:
        attach_lake(con, workshop, NOM, read_only=False)
        try:
            schemas = con.execute(
                "select schema_name from duckdb_schemas() where database_name = ?"
                " and schema_name <> 'main'",
                [NOM],
            ).fetchall()
            for (schema,) in schemas:
                con.execute(f'drop schema {NOM}."{schema}" cascade')
            con.execute(f"call ducklake_expire_snapshots('{NOM}', older_than => now())")
            con.execute(f"call ducklake_cleanup_old_files('{NOM}', cleanup_all => true)")
            con.execute(f"call ducklake_delete_orphaned_files('{NOM}', cleanup_all => true)")
            con.execute(f"detach {NOM}")
            _on_server(con, workshop, f'drop schema "{workshop.schema}" cascade')
        except duckdb.Error as error:
            raise out_of_reach(workshop, error) from error


def _on_server(con: duckdb.DuckDBPyConnection, place: Lac, statement: str) -> None:
    con.execute(f"attach {texte_sql(place.of_postgres)} as serveur (type postgres)")
    con.execute(f"call postgres_execute('serveur', {texte_sql(statement)})")
    con.execute("detach serveur")


def _note_of(database: Path) -> Path:
    return database.with_suffix(".atelier.json")


def _wal(database: Path) -> Path:
    """DuckDB's journal: one that a killed run left would be replayed onto the fresh database."""
    return database.with_name(f"{database.name}.wal")
