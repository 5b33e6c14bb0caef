"""A table of figures as counts: rows by code and statut, territories, keys. Judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from warehouse.declared.bornes import Bornes, in_words

if TYPE_CHECKING:
    import pandas as pd

#: Columns of a group whose missing values are counted, when the table has them.
_DE_TRACE = ("sha256", "periode", "source_id")


@dataclass(frozen=True)
class Profil:
    """What a door judges of a table: a few thousand rows, whatever the table's size.

    Attributes:
        groupes: per code and statut: `code`, `statut`, `bornes`, `lignes`, `avec_valeur`,
            `sans_valeur`, `minimum`, `maximum` of `valeur`, and `sans_<column>` for each column
            of trace that the table has.
        territoires: each `code_territoire` once.
        cles: one row, `lignes` and `cles` (distinct keys).
    """

    groupes: pd.DataFrame
    territoires: pd.DataFrame
    cles: pd.DataFrame


def profil(
    con: duckdb.DuckDBPyConnection,
    table: str,
    code: str,
    cle: Sequence[str],
    limites: Mapping[str, Bornes],
) -> Profil:
    """The profile of a table or view of a connection.

    Args:
        con: where the table can be read.
        table: its name, trusted.
        code: column of the mesure or indicator.
        cle: columns that name one row.
        limites: code → its bounds, told in words; an unknown code has none.
    """
    con.execute("create or replace temp table bornes_du_profil (code text, bornes text)")
    con.execute(
        "insert into bornes_du_profil select unnest($codes), unnest($bornes)",
        {"codes": list(limites), "bornes": [in_words(b) for b in limites.values()]},
    )
    columns = {row[0] for row in con.sql(f"describe {table}").fetchall()}
    trace = "".join(
        f", count(*) filter ({name} is null) as sans_{name}"
        for name in _DE_TRACE
        if name in columns
    )
    groupes = con.sql(f"""
        select t.{code} as code, t.statut, k.bornes, count(*) as lignes,
            count(valeur) as avec_valeur, count(*) - count(valeur) as sans_valeur,
            min(valeur) as minimum, max(valeur) as maximum
            {trace}
        from {table} as t left join bornes_du_profil as k on t.{code} = k.code
        group by all order by all
    """).to_df()
    territoires = con.sql(f"select distinct code_territoire from {table} order by all").to_df()
    key = ", ".join(cle)
    cles = con.sql(
        f"select (select count(*) from {table}) as lignes,"
        f" (select count(*) from (select distinct {key} from {table})) as cles"
    ).to_df()
    return Profil(groupes, territoires, cles)
