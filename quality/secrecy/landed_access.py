"""Is a file that is said to come masked by its producer really so? Counts, never values."""

from __future__ import annotations

import duckdb

from warehouse.domain.format import nombre

#: Counts of public sources between 1 and what their producer's rule lets out, by file.
_SMALL = """
select m.source_id, m.millesime, m.bloc, s.regle, any_value(s.plancher), count(*),
    list(distinct m.mesure order by m.mesure)
from landing.mesures as m
join edition.secrets as s using (source_id, bloc, mesure)
where s.acces = 'publique' and s.type = 'effectif' and m.statut = 'diffuse'
    and m.valeur > 0 and m.valeur < s.plancher
group by all order by all
"""
_NOMMEES = 3


def unmasked_files(con: duckdb.DuckDBPyConnection) -> tuple[int, list[str]]:
    """How many files of public counts with a threshold were looked at; which hold counts under it.

    Args:
        con: the build database.
    """
    [(looked_at,)] = con.sql(
        "select count(distinct (m.source_id, m.millesime, m.bloc)) from landing.mesures as m"
        " join edition.secrets as s using (source_id, bloc, mesure)"
        " where s.acces = 'publique' and s.type = 'effectif' and s.plancher is not null"
    ).fetchall()
    faults = []
    for source, millesime, bloc, rule, least, count, mesures in con.execute(_SMALL).fetchall():
        named = ", ".join(mesures[:_NOMMEES]) + (", …" if len(mesures) > _NOMMEES else "")
        faults.append(
            f"{source} {millesime}, bloc {bloc} : {nombre(count, 0)} effectifs de 1 à {least - 1} "
            f"({named}), que la règle {rule} ne laisse pas sortir : son producteur ne les a pas "
            f"masqués. Déclarer `acces: convention` dans {source}.yml, ou `constate` dans la règle "
            "si ses fichiers publics en montrent"
        )
    return looked_at, faults
