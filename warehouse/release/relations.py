"""The published tables as relations: where readers meet them, and what may be read of each.

A value is read only where its statut is `diffuse`, whatever the row holds, and a perimeter is
never null: whoever reads these relations need not say it again.
"""

from __future__ import annotations

from typing import Literal

import duckdb

Relation = Literal[
    "chiffres",
    "chiffres_choisis",
    "evolutions",
    "evolutions_choisies",
    "comparabilites",
    "ecarts",
    "positions",
    "semblables",
    "territoires",
    "indicateurs",
    "sources",
    "periodes",
    "epci",
    "communes",
    "locaux",
    "passages",
]

_PERIMETRE = "coalesce(perimetre, '') as perimetre"
_CHIFFRE = f"{_PERIMETRE}, case when statut = 'diffuse' then valeur end as valeur"
_EVOLUTION = ", ".join(
    f"case when statut = 'diffuse' then {name} end as {name}"
    for name in ("evolution_nb", "evolution_pct", "evolution_pts")
)
#: Relation → its rows, of the tables of one schema.
_ROWS: dict[Relation, str] = {
    "chiffres": f"select * replace ({_CHIFFRE}) from {{0}}fct_indicateur",
    # Those of the two periods that the edition chose, and which of the two.
    "chiffres_choisis": f"""
        select f.* replace ({_CHIFFRE.replace("statut", "f.statut")}),
            if(f.en_avant, 'niveau', 'comparaison') as role
        from {{0}}fct_indicateur as f inner join {{0}}dim_indicateur as i using (code_indicateur)
        where f.en_avant or f.periode = i.periode_comparaison
    """,
    "evolutions": f"select * replace ({_PERIMETRE}, {_EVOLUTION}) from {{0}}fct_evolution",
    "territoires": f"select * replace ({_PERIMETRE}) from {{0}}dim_territoire",
    "evolutions_choisies": f"""
        select * replace ({_PERIMETRE}, {_EVOLUTION}) from {{0}}fct_evolution where en_avant
    """,
    "comparabilites": "from {0}dim_comparabilite",
    "ecarts": f"select * replace ({_PERIMETRE}) from {{0}}fct_ecart",
    "positions": "from {0}fct_position",
    "semblables": "from {0}pont_qpv_semblable",
    # `rang`: the dictionary's order.
    "indicateurs": "select *, rowid as rang from {0}dim_indicateur",
    "sources": "from {0}dim_source",
    "periodes": "from {0}dim_periode",
    "epci": "from {0}pont_qpv_epci",
    "communes": "from {0}pont_qpv_commune",
    "locaux": "from {0}pont_perimetre_qpv",
    "passages": "from {0}passage_qpv",
}


def expose(
    con: duckdb.DuckDBPyConnection, *wanted: Relation, of: str = "", under: str = "publie"
) -> None:
    """Views `<under>_<relation>` of the published tables, for this connection alone.

    Args:
        of: the attached database, and schema if need be, that holds the tables; none if the
            connection was opened on them.

    Raises:
        duckdb.Error: a table or a column of the contract is missing.
    """
    for name in wanted:
        rows = _ROWS[name].format(f"{of}." if of else "")
        con.execute(f"create or replace temp view {under}_{name} as {rows}")
