"""Sums that the counts of a release show and that nobody declared: what its reader may find too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import duckdb
import numpy as np

from quality.disclosure.attack.seen_sums import seen_sums
from quality.disclosure.attack.tie_search import Tie, undeclared_ties
from warehouse.declared.sommes import sommes_of
from warehouse.domain.types_territoire import sets

#: Counts of one source, printed or masked, of territories that are no sums of others.
_COUNTS = """
select i.simple as mesure, f.t::bigint << 8 | f.p as ligne, f.valeur
from fait as f join ind as i using (code) join terr as t using (t)
where i.type = 'effectif' and i.simple is not null and f.source_id = $1
    and t.type_territoire not in (select unnest($2))
"""


def found_sums(
    con: duckdb.DuckDBPyConnection, sommes: Iterable[Mapping], sources: Collection[str]
) -> list[dict]:
    """Rows as those of `warehouse.declared.sommes`, of what these sources print.

    Args:
        con: tables `fait`, `ind`, `terr`; sommes: what is declared.
    """
    found: list[Mapping[str, float]] = []
    declared = [one.forme for one in sommes_of(sommes)]
    for source in sorted(sources):
        cells = con.execute(_COUNTS, [source, [*sets()]]).fetchnumpy()
        if not len(cells["mesure"]):
            continue
        names, column = np.unique(cells["mesure"].astype(str), return_inverse=True)
        lines, line = np.unique(cells["ligne"], return_inverse=True)
        values = np.full((lines.size, names.size), np.nan)
        values[line, column] = np.ma.filled(np.ma.asarray(cells["valeur"], float), np.nan)
        at = {name: k for k, name in enumerate(names.tolist())}
        known = [{at[m]: c for m, c in form.items()} for form in declared if set(form) <= at.keys()]
        short = [
            {str(names[one.total]): 1.0} | {str(names[part]): -1.0 for part in one.parts}
            for one in seen_sums(values, known)
        ]
        # Longer ones, where the territories are many enough to prove them.
        ties = undeclared_ties([*names], values, [*declared, *short])
        found += [*short, *(dict(tie.termes) for tie in ties if tie.part == 1 and _is_sum(tie))]
    return [
        {"somme": k, "terme": mesure, "coefficient": float(sign), "reste": False, "marge": 0.0}
        for k, form in enumerate(found)
        for mesure, sign in form.items()
    ]


def _is_sum(tie: Tie) -> bool:
    """One total, and its parts."""
    signs = [c for _, c in tie.termes]
    return signs.count(1) == 1 and signs.count(-1) == len(signs) - 1
