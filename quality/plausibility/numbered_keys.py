"""The keys of a corpus as numbers that read as their texts: half the time of every rule."""

from __future__ import annotations

import duckdb

#: What each kind of key may be: every value that a table of the corpus holds.
_VALUES = {
    "cle_territoire": """select t from territoire union select t from chiffre
        union select partie from inclusion union select tout from inclusion
        union select partie from partition union select tout from partition
        union select t from communes""",
    "cle_indicateur": """select indicateur from definition union select indicateur from chiffre
        union select indicateur from terme""",
    "cle_periode": """select periode from chiffre union select comparaison from chiffre
        union select periode from communes""",
    "cle_compte": """select num from definition union select den from definition
        union select compte from compose union select mesure from compose
        union select compte from estimee union select compte from somme_declaree""",
}
#: Column → its kind of key, in all tables but those of `_OTHER`.
_KINDS = {
    "t": "cle_territoire",
    "partie": "cle_territoire",
    "tout": "cle_territoire",
    "indicateur": "cle_indicateur",
    "periode": "cle_periode",
    "comparaison": "cle_periode",
    "compte": "cle_compte",
    "num": "cle_compte",
    "den": "cle_compte",
}
#: What a composition names is a count; the `tout` of communes is a mesure.
_OTHER = {("compose", "mesure"): "cle_compte", ("communes", "tout"): None}


def number_keys(con: duckdb.DuckDBPyConnection) -> None:
    """Give each key of a filled corpus an enumeration of its own, in the order of its texts."""
    for kind, values in _VALUES.items():
        listed = f"select * from ({values}) as v(v) where v is not null order by v"
        con.execute(f"create type {kind} as enum ({listed})")
    for (table,) in con.execute("select table_name from duckdb_tables()").fetchall():
        columns = [name for name, *_ in con.execute(f"describe {table}").fetchall()]
        kinds = {c: _OTHER.get((table, c), _KINDS.get(c)) for c in columns}
        told = ", ".join(f"{c}::{kind} as {c}" if kind else c for c, kind in kinds.items())
        con.execute(f"create or replace table {table} as select {told} from {table}")
