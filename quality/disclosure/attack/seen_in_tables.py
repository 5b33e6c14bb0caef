"""Sums that printed tables show and that nobody declared: between columns, or along a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ..tables.declared import Relations, TableauDeclare
from ..tables.table_cells import Key, Place, Tables, code_of
from .bindings import Sum
from .seen_sums import named, seen_sums

#: A table has few lines: one accident in a thousand tables.
SURE = 3.0


def sums_in_tables(
    declared: Relations,
    tables: Tables,
    printed: Mapping[Key, tuple[float, float]],
    sums: Mapping[str, Sequence[Sum]],
) -> Iterator[tuple[str, list[dict[Key, float]]]]:
    """Each sum in words, then its terms wherever the table has them.

    Args:
        printed: least and greatest value that print leaves to each cell.
        sums: what is declared along each column of the key.
    """
    for tableau in declared.tableaux:
        mesures = [
            name
            for column, mesure in tableau.mesures.items()
            if tables.mesures[name := mesure.nom or column].type == "effectif"
        ]
        places = list(
            dict.fromkeys(
                c.key[1]
                for c in tables.cases
                if c.fichier == tableau.fichier and c.key[0] in mesures
            )
        )
        between = [
            {mesures.index(somme.total): 1.0} | {mesures.index(p): -1.0 for p in somme.parties}
            for somme in declared.sommes
            if {somme.total, *somme.parties} <= {*mesures}
        ]
        lines = [[(mesure, place) for mesure in mesures] for place in places]
        yield from _of_lines(mesures, lines, printed, between)
        for dimension in tableau.dimensions:
            yield from _along(declared, tableau, tables, printed, dimension, mesures, places, sums)


def _along(
    declared: Relations,
    tableau: TableauDeclare,
    tables: Tables,
    printed: Mapping[Key, tuple[float, float]],
    dimension: str,
    mesures: Sequence[str],
    places: Sequence[Place],
    sums: Mapping[str, Sequence[Sum]],
) -> Iterator[tuple[str, list[dict[Key, float]]]]:
    codes = list(tables.codes[tableau.fichier][dimension])
    rests = dict.fromkeys(frozenset(x for x in p if x[0] != dimension) for p in places)
    at = [code_of(dimension, code, declared) for code in codes]
    known = [
        {codes.index(one.total): 1.0} | {codes.index(p): -1.0 for p in one.parts}
        for one in sums.get(dimension, ())
        if {one.total, *one.parts} <= {*codes}
    ]
    lines = [[(mesure, rest | own) for own in at] for mesure in mesures for rest in rests]
    yield from _of_lines(codes, lines, printed, known)


def _of_lines(
    columns: Sequence[str],
    lines: Sequence[Sequence[Key]],
    printed: Mapping[Key, tuple[float, float]],
    declared: Sequence[Mapping[int, float]],
) -> Iterator[tuple[str, list[dict[Key, float]]]]:
    if len(columns) < 2 or not lines:
        return
    values = np.array([[_exact(printed.get(key)) for key in line] for line in lines])
    for one in seen_sums(values, declared, SURE):
        yield (
            named(columns, one),
            [{line[one.total]: 1.0} | {line[part]: -1.0 for part in one.parts} for line in lines],
        )


def _exact(ends: tuple[float, float] | None) -> float:
    """A whole number that is printed as it is; else nothing."""
    if ends is None or ends[0] != ends[1] or ends[0] < 0 or ends[0] != round(ends[0]):
        return float("nan")
    return ends[0]
