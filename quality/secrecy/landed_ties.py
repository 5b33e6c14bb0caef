"""Landed counts against the declared sums: what nobody says, and what is said and fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb
import numpy as np

from quality.disclosure.attack.tie_search import NEARLY, undeclared_ties
from warehouse.declared.sommes import SommeLue, sommes_of
from warehouse.domain.format import nombre

#: Counts of one block of one file, one row per territory; a producer's own line is rounded.
_FILES = """
select source_id, bloc, millesime, periode from landing.mesures
where type_mesure = 'effectif' and statut = 'diffuse'
group by all having count(distinct mesure) > 1 order by all
"""
_CELLS = """
select code_territoire || perimetre as lieu, mesure, valeur from landing.mesures
where type_mesure = 'effectif' and statut = 'diffuse'
    and not contains(code_territoire, '@')
    and source_id = $1 and bloc = $2 and millesime = $3 and periode = $4
"""
#: Rows under which a sum that fails may be an accident of small files.
_ENOUGH = 50


@dataclass
class LandedTies:
    """Files looked at; what refuses a build; sums that a few rows of a file do not hold."""

    fichiers: int = 0
    fautes: list[str] = field(default_factory=list)
    ecarts: list[str] = field(default_factory=list)


def landed_ties(con: duckdb.DuckDBPyConnection, sommes: Iterable[Mapping]) -> LandedTies:
    """The counts of each landed file, put to the declared sums.

    Args:
        con: the build database; sommes: rows `somme`, `bloc`, `terme`, `coefficient`, `reste`,
            `marge`.
    """
    declared = sommes_of(sommes)
    equal = [somme.forme for somme in declared if not somme.reste]
    found = LandedTies()
    for source, bloc, millesime, periode in con.execute(_FILES).fetchall():
        found.fichiers += 1
        cells = con.execute(_CELLS, [source, bloc, millesime, periode]).fetchnumpy()
        names, column = np.unique(cells["mesure"].astype(str), return_inverse=True)
        places, row = np.unique(cells["lieu"].astype(str), return_inverse=True)
        values = np.full((places.size, names.size), np.nan)
        values[row, column] = cells["valeur"]
        place = f"{source} {millesime}, bloc {bloc}, {periode}"
        found.fautes += [
            f"{place} : {tie} tient dans {nombre(100 * tie.part, 1)} % des territoires et n'est "
            f"pas déclaré ; si c'est une définition, l'ajouter aux `sommes` du bloc {bloc} de "
            f"{source}.yml"
            for tie in undeclared_ties(list(names), values, equal)
        ]
        at = {name: i for i, name in enumerate(names.tolist())}
        for somme in declared:
            if set(somme.forme) <= at.keys():
                _hold(found, place, somme, values[:, [at[m] for m in somme.forme]])
    return found


def _hold(found: LandedTies, place: str, somme: SommeLue, figures: np.ndarray) -> None:
    """Whether one sum holds in the rows that have all its terms."""
    gap = figures[~np.isnan(figures).any(axis=1)] @ np.array(list(somme.forme.values()))
    room = somme.marge + 0.5
    wrong = gap < -room if somme.reste else np.abs(gap) > room
    if not wrong.any():
        return
    [total] = [m for m, sign in somme.forme.items() if sign > 0]
    parts = " + ".join(m for m in somme.forme if m != total)
    words = f"{total} {'contient' if somme.reste else '='} {parts} ({somme.bloc})"
    lines = "1 ligne" if wrong.sum() == 1 else f"{wrong.sum()} lignes"
    text = f"{place} : {words} ne tient pas dans {lines} sur {gap.size}"
    if gap.size >= _ENOUGH and wrong.mean() > 1 - NEARLY:
        found.fautes.append(f"{text} ; corriger les `sommes` du bloc, ou les colonnes du fichier")
    else:
        found.ecarts.append(text)
