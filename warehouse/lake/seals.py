"""The seal of a release in the lake: each table's fingerprint, and what no longer answers to it.

Rows are counted, and the fingerprints of their texts added up: neither their order nor the version
of DuckDB changes it.
"""

from __future__ import annotations

import duckdb

from warehouse.lake.access import NOM, opened
from warehouse.lake.releases import choose, read_register
from warehouse.release.ducklake import Lac, out_of_reach

#: A row per table of a release: how many rows were sent, and the sum of their fingerprints.
_SCEAUX = f"{NOM}.registre.sceaux"
_COLONNES = "publication varchar, nom varchar, lignes bigint, empreinte varchar"
_UNSEALED = "envoyée avant que le lac ne garde d'empreintes : rien à quoi la comparer"


def record_seals(con: duckdb.DuckDBPyConnection, publication: str, database: str) -> None:
    """Write down the seal of each table of an attached release, beside the register."""
    con.execute(f"create table if not exists {_SCEAUX} ({_COLONNES})")
    for table in tables_of(con, database):
        rows = [publication, table, *_seal(con, f"{database}.{table}")]
        con.execute(f"insert into {_SCEAUX} values (?, ?, ?, ?)", rows)


def forget_seals(con: duckdb.DuckDBPyConnection, publication: str) -> None:
    """What was written down of a release that leaves, if anything: lakes had no seals at first."""
    con.execute(f"create table if not exists {_SCEAUX} ({_COLONNES})")
    con.execute(f"delete from {_SCEAUX} where publication = ?", [publication])


def faults_in_lake(lac: Lac, publication: str | None) -> tuple[str, list[str]]:
    """A release that stands, and what of its tables is not as it was sent, in words.

    Args:
        publication: its identifier, or the start of it; the last one unless said.

    Raises:
        QpvError: no such release, or the lake is out of reach.
    """
    with opened(lac, read_only=True) as con:
        try:
            found = choose(read_register(con), publication)
            sent = _sent(con, found.publication)
            if not sent:
                return found.publication, [_UNSEALED]
            there = tables_of(con, NOM, found.schema)
            said = [f"{table} : absente du lac" for table in sent if table not in there]
            said += [f"{table} : en trop dans le lac" for table in there if table not in sent]
            for table in (t for t in there if t in sent):
                now = _seal(con, f"{NOM}.{found.schema}.{table}")
                if list(now) != sent[table]:
                    said.append(
                        f"{table} : d'autres lignes ({sent[table][0]} envoyées, {now[0]} lues)"
                    )
        except duckdb.Error as error:
            raise out_of_reach(lac, error) from error
    return found.publication, said


def _sent(con: duckdb.DuckDBPyConnection, publication: str) -> dict[str, list]:
    """Table of a release → rows and fingerprint, as they were sent."""
    if _SCEAUX.rsplit(".", 1)[1] not in tables_of(con, NOM, "registre"):
        return {}
    query = f"select nom, lignes, empreinte from {_SCEAUX} where publication = ?"
    return {name: rest for name, *rest in con.execute(query, [publication]).fetchall()}


def tables_of(con: duckdb.DuckDBPyConnection, database: str, schema: str = "main") -> list[str]:
    """The names of the tables of a schema of an attached database."""
    query = (
        "select table_name from duckdb_tables() where database_name = ? and schema_name = ?"
        " order by 1"
    )
    return [name for (name,) in con.execute(query, [database, schema]).fetchall()]


def _seal(con: duckdb.DuckDBPyConnection, table: str) -> tuple[int, str]:
    """The rows of a table, and the sum of their fingerprints."""
    total = "coalesce(sum(md5_number_lower(t::varchar)), 0)::varchar"
    [found] = con.execute(f"select count(*), {total} from {table} as t").fetchall()
    return found
