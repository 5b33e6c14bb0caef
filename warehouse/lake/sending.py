"""A release's tables into the lake, whole or not at all; and out of it.

A release has a schema of its own: all those that stand are in the present snapshot, so that one
that is withdrawn can be deleted for good, with every snapshot that held it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from warehouse.base.errors import QpvError
from warehouse.domain.format import propre
from warehouse.lake.access import NOM, lake_of_environment, opened
from warehouse.lake.releases import (
    COLONNES,
    REGISTRE,
    choose,
    read_register,
    releases_of,
    schema_of,
)
from warehouse.lake.seals import forget_seals, record_seals, tables_of
from warehouse.release.connect import texte_sql
from warehouse.release.ducklake import Lac, out_of_reach
from warehouse.release.promotion import read_manifest
from warehouse.release.register import read_register as read_local_register
from warehouse.release.seal import require_whole

#: Others may be writing: a conflict is tried again this many times.
_ESSAIS = 8
T = TypeVar("T")


def send_if_asked(release: Path) -> str | None:
    """Send a release that was just published, where the environment says a lake.

    Returns what to say of it; None without a lake.

    Raises:
        QpvError: the lake refused; the release stands in its data folder all the same.
    """
    lac = lake_of_environment()
    if lac is None:
        return None
    try:
        send(lac, release)
    except QpvError as error:
        raise QpvError(
            f"la publication {release.name} tient dans ce dossier de données, et n'est pas dans "
            f"le lac : {error.quoi}",
            ou=error.ou,
            attendu=error.attendu,
            faire=f"mettre le lac en état, puis `qpv lac envoyer {release.name}`",
        ) from error
    return f"Envoyée au lac : {release.name}"


def send(lac: Lac, release: Path) -> bool:
    """Put a release's tables into the lake as one snapshot that bears its name.

    Returns False where they are there already.

    Raises:
        QpvError: the release is damaged, was withdrawn from the lake, or the lake is out of reach.
    """
    database, manifest = require_whole(release, "qpv.duckdb"), read_manifest(release)
    seal = read_local_register(release.parent).get(release.name, "")
    row = (
        release.name,
        manifest["edition"],
        manifest["titre"],
        schema_of(release.name),
        seal,
        manifest["publiee_le"],
    )

    def _put(con: duckdb.DuckDBPyConnection) -> bool:
        known = {one.publication: one for one in read_register(con)}
        if release.name in known:
            if known[release.name].retiree_le:
                raise QpvError(
                    f"la publication {release.name} a été retirée du lac : "
                    f"{known[release.name].motif}",
                    faire="en publier une autre, et l'envoyer",
                )
            return False
        con.execute(f"create schema if not exists {NOM}.registre")
        con.execute(f"create table if not exists {REGISTRE} ({COLONNES})")
        con.execute(f"create schema {NOM}.{row[3]}")
        for table in tables_of(con, "publiee"):
            con.execute(f"create table {NOM}.{row[3]}.{table} as from publiee.{table}")
        record_seals(con, release.name, "publiee")
        _copy_comments(con, row[3])
        con.execute(f"insert into {REGISTRE} values (?, ?, ?, ?, ?, ?, now(), null, null)", row)
        _name_snapshot(con, "envoi", release.name)
        return True

    return _in_one_snapshot(lac, database, _put)


def take_out(lac: Lac, publication: str, motif: str) -> str:
    """Delete a withdrawn release from the lake: its tables, and every snapshot that held them.

    Its entry stays, with the reason. Returns its identifier.

    Raises:
        QpvError: it is not there, or the lake is out of reach.
    """

    def _remove(con: duckdb.DuckDBPyConnection) -> str:
        found = choose(read_register(con), publication)
        con.execute(f"drop schema {NOM}.{found.schema} cascade")
        con.execute(
            f"update {REGISTRE} set retiree_le = now(), motif = ? where publication = ?",
            [motif, found.publication],
        )
        forget_seals(con, found.publication)
        _name_snapshot(con, "retrait", found.publication)
        return found.publication

    motif = propre(motif)
    if not motif:
        raise QpvError("le retrait n'a pas de motif", faire='donner --motif "…"')
    gone = _in_one_snapshot(lac, None, _remove)
    forget_the_past(lac)
    return gone


def take_out_if_asked(publication: str, motif: str) -> str | None:
    """Take a release that was just withdrawn out of the lake, where the environment says one that
    holds it.

    Returns what to say of it; None without a lake, or if it was not there.
    """
    lac = lake_of_environment()
    if lac is None or publication not in _standing(lac):
        return None
    return f"Retirée du lac : {take_out(lac, publication, motif)}"


def _standing(lac: Lac) -> set[str]:
    return {one.publication for one in releases_of(lac) if one.retiree_le is None}


def forget_the_past(lac: Lac) -> None:
    """Expire every snapshot but the present one, and delete the files that none holds.

    Releases that stand are all in the present snapshot: none is touched. Files of a writer that
    was killed, which no snapshot ever held, go after a day.
    """
    with opened(lac, read_only=False) as con:
        try:
            past = con.execute(
                f"select snapshot_id from {NOM}.snapshots()"
                f" where snapshot_id < (select max(snapshot_id) from {NOM}.snapshots())"
            ).fetchall()
            if past:
                versions = ", ".join(str(version) for (version,) in past)
                con.execute(f"call ducklake_expire_snapshots('{NOM}', versions => [{versions}])")
            con.execute(f"call ducklake_cleanup_old_files('{NOM}', cleanup_all => true)")
            old = "older_than => now() - interval 1 day"
            con.execute(f"call ducklake_delete_orphaned_files('{NOM}', {old})")
        except duckdb.Error as error:
            raise out_of_reach(lac, error) from error


def _in_one_snapshot(
    lac: Lac, database: Path | None, change: Callable[[duckdb.DuckDBPyConnection], T]
) -> T:
    """Change the lake in one transaction, tried again where another writer came first."""
    with opened(lac, read_only=False) as con:
        if database:
            con.execute(f"attach {texte_sql(database)} as publiee (read_only)")
        for attempt in Retrying(
            retry=retry_if_exception_type(duckdb.TransactionException),
            stop=stop_after_attempt(_ESSAIS),
            wait=wait_random(0.1, 1.5),
            reraise=True,
        ):
            with attempt:
                con.execute("begin")
                try:
                    made = change(con)
                    con.execute("commit")
                except duckdb.TransactionException:
                    _undo(con)
                    raise
                except duckdb.Error as error:
                    _undo(con)
                    raise out_of_reach(lac, error) from error
                except BaseException:
                    _undo(con)
                    raise
        return made


def _undo(con: duckdb.DuckDBPyConnection) -> None:
    """A commit that failed has ended its transaction already."""
    try:
        con.execute("rollback")
    except duckdb.Error:
        return


def _copy_comments(con: duckdb.DuckDBPyConnection, schema: str) -> None:
    """What each table and column is, said in the lake too."""
    tables = con.execute(
        "select table_name, comment from duckdb_tables()"
        " where database_name = 'publiee' and comment is not null"
    ).fetchall()
    for table, comment in tables:
        con.execute(f"comment on table {NOM}.{schema}.{table} is {texte_sql(comment)}")
    columns = con.execute(
        "select table_name, column_name, comment from duckdb_columns()"
        " where database_name = 'publiee' and comment is not null"
    ).fetchall()
    for table, column, comment in columns:
        place = f"{NOM}.{schema}.{table}.{column}"
        con.execute(f"comment on column {place} is {texte_sql(comment)}")


def _name_snapshot(con: duckdb.DuckDBPyConnection, geste: str, publication: str) -> None:
    """The name of the snapshot that this transaction makes."""
    told = json.dumps({"geste": geste, "publication": publication})
    con.execute(
        f"call {NOM}.set_commit_message('qpv', ?, extra_info => ?)",
        [f"{geste} {publication}", told],
    )
