"""A folder that says that its sets are complete: does each file of figures hold all their QPV?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

#: Codes that a failure names.
NAMED = 5

_MANQUENT = """
select e.code_ensemble, count(*) as qpv,
    list(e.code_qpv order by e.code_qpv) filter (where e.code_qpv not in (
        select code_territoire from landing.mesures where source_id = $source and millesime = $mill
    )) as manquent
from intermediate.int_ensembles as e
join intermediate.int_qpv as q using (code_qpv, perimetre)
where q.est_metropole and list_contains($ensembles, e.code_ensemble)
group by e.code_ensemble
order by e.code_ensemble
"""


def missing_quarters(
    con: duckdb.DuckDBPyConnection, partial: Mapping[tuple[str, str], Iterable[str]]
) -> list[str]:
    """One sentence per file and set that lacks a QPV; overseas, where sources stop, is not judged.

    Args:
        con: a build database (schemas `landing`, `intermediate`).
        partial: (source, millésime) of figures by QPV → the sets that its folder says complete.
    """
    found = []
    for (source, millesime), sets in partial.items():
        asked = {"source": source, "mill": millesime, "ensembles": [*sets]}
        for name, count, missing in con.execute(_MANQUENT, asked).fetchall():
            if missing:
                left = f" et {len(missing) - NAMED} de plus" if len(missing) > NAMED else ""
                found.append(
                    f"{source} {millesime} a {count - len(missing)} des {count} QPV de {name}, "
                    f"que champ.yml dit complet : manque {', '.join(missing[:NAMED])}{left} ; "
                    "reprendre le fichier, ou ôter l'ensemble de champ.yml"
                )
    return found
