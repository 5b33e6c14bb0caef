"""The sums that are declared of clear tables, on their cells; built apart from the attacker's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise

from ..tables.declared import Dimension, Relations
from ..tables.table_cells import Key, Place, Tables, code_of

#: File of a hierarchy → its lines of codes, from the coarsest level to the finest.
Hierarchies = Callable[[str], Sequence[Sequence[str]]]


@dataclass(frozen=True)
class CellSum:
    """`total` = the sum of `parties`, cells that a table may or may not have."""

    nom: str
    total: Key
    parties: tuple[Key, ...]


def sums_of(
    tables: Tables, relations: Relations, hierarchies: Hierarchies, mesures: set[str]
) -> list[CellSum]:
    """Every declared sum of cells of `mesures`, each once, where a cell of it is printed."""
    printed = {case.key for case in tables.cases}
    found: dict[tuple[Key, frozenset[Key]], CellSum] = {}
    for one in (
        *_between_mesures(tables, relations),
        *_along_dimensions(tables, relations, hierarchies, mesures),
    ):
        if not printed.isdisjoint((one.total, *one.parties)):
            found.setdefault((one.total, frozenset(one.parties)), one)
    return list(found.values())


def _between_mesures(tables: Tables, relations: Relations) -> Iterator[CellSum]:
    places = dict.fromkeys(case.key[1] for case in tables.cases)
    for somme in relations.sommes:
        nom = f"{somme.total} = {' + '.join(somme.parties)}"
        for place in places:
            parts = tuple((part, place) for part in somme.parties)
            yield CellSum(nom, (somme.total, place), parts)


def _along_dimensions(
    tables: Tables, relations: Relations, hierarchies: Hierarchies, mesures: set[str]
) -> Iterator[CellSum]:
    zero = {t.fichier for t in relations.tableaux if t.absentes == "zero"}
    by_file: dict[str, list[Key]] = {}
    for case in tables.cases:
        by_file.setdefault(case.fichier, []).append(case.key)
    printed = {case.key for case in tables.cases}
    for tableau in relations.tableaux:
        keys = by_file.get(tableau.fichier, [])
        for axis in tableau.dimensions:
            declared = relations.dimensions.get(axis)
            if declared is None:
                continue
            pairs = list(_pairs(axis, declared, tables, hierarchies))
            around = dict.fromkeys((k[0], _without(k[1], axis)) for k in keys if k[0] in mesures)
            for mesure, rest in around:
                for nom, total, codes in pairs:
                    parts = [(mesure, rest | code_of(axis, c, relations)) for c in codes]
                    if tableau.fichier in zero:
                        parts = [p for p in parts if p in printed]
                    yield CellSum(
                        nom, (mesure, rest | code_of(axis, total, relations)), tuple(parts)
                    )


def _pairs(
    axis: str, declared: Dimension, tables: Tables, hierarchies: Hierarchies
) -> Iterator[tuple[str, str, list[str]]]:
    """(name, total, parts) of each sum along one column of the key."""
    codes = dict.fromkeys(c for seen in tables.codes.values() for c in seen.get(axis, ()))
    for somme in declared.sommes:
        parts = [
            c
            for c in codes
            if c != somme.total and any(fnmatchcase(c, pattern) for pattern in somme.parties)
        ]
        yield f"{axis} : {somme.total} = {' + '.join(somme.parties)}", somme.total, parts
    for name in declared.hierarchies:
        below: dict[str, dict[str, None]] = {}
        for line in hierarchies(name):
            path = [declared.total, *line] if declared.total else [*line]
            for parent, child in pairwise(path):
                # The same code at two levels is one line of the table.
                if parent != child:
                    below.setdefault(parent, {})[child] = None
        for parent, children in below.items():
            yield f"{axis} : {parent} = somme de {len(children)} ({name})", parent, [*children]


def _without(place: Place, axis: str) -> Place:
    return frozenset(one for one in place if one[0] != axis)
