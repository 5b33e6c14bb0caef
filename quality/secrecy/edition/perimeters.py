"""Perimeters whose difference readers know: one that holds others, or that nearly is another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from quality.secrecy.edition.grid import Territoire

#: A perimeter is held whole by another from this share of its own area, in %.
DEDANS = 99.5
#: Perimeters that share nothing are taken away together from the one that holds them: so many.
ENSEMBLE = 3

#: A territory, and those that it holds and that share nothing.
Tenus = tuple[Territoire, tuple[Territoire, ...]]


def held_by_surface(recouvrements: Sequence[Mapping]) -> Iterator[Tenus]:
    """Local perimeters and quarters of which one holds the other.

    Args:
        recouvrements: rows `code_perimetre`, `code_qpv`, `perimetre`, `part_perimetre`, `part_qpv`.
    """
    for row in recouvrements:
        local = (f"LOC:{row['code_perimetre'].removeprefix('LOC:')}", "")
        quarter = (row["code_qpv"], row["perimetre"])
        if row["part_qpv"] >= DEDANS:
            yield local, (quarter,)
        if row["part_perimetre"] >= DEDANS:
            yield quarter, (local,)


def held_in_units(ecarts: Sequence[Mapping], seuil: int) -> Iterator[Tenus]:
    """Territories of which one has every unit of the other, or all but a few on both sides.

    The ground between them does not matter: the difference of their counts is that of their units.
    Two or three that share no unit are taken away together. Dwellings, establishments and their
    years are counted apart: two that share one of these may share none of those.

    Args:
        ecarts: rows `code_a`, `perimetre_a`, `code_b`, `perimetre_b`, `seulement_a`, `seulement_b`:
            those that share units, and how many are in one alone; `millesime`, `annee`: of what.
    """
    counted: dict[tuple, list[Mapping]] = {}
    for row in ecarts:
        counted.setdefault((row.get("millesime"), row.get("annee")), []).append(row)
    for rows in counted.values():
        yield from _held_in_one_count(rows, seuil)


def _held_in_one_count(ecarts: Sequence[Mapping], seuil: int) -> Iterator[Tenus]:
    held: dict[Territoire, list[Territoire]] = {}
    touching: set[frozenset[Territoire]] = set()
    for row in ecarts:
        a, b = (row["code_a"], row["perimetre_a"]), (row["code_b"], row["perimetre_b"])
        only_a, only_b = row["seulement_a"], row["seulement_b"]
        few = 0 < only_a + only_b < seuil
        touching.add(frozenset((a, b)))
        for outer, inner, left, whole in ((a, b, only_a, only_b == 0), (b, a, only_b, only_a == 0)):
            if left and (whole or few):
                yield outer, (inner,)
            if left and whole:
                held.setdefault(outer, []).append(inner)
    for outer, inside in held.items():
        for many in range(2, ENSEMBLE + 1):
            for some in combinations(sorted(inside), many):
                if not any(frozenset(pair) in touching for pair in combinations(some, 2)):
                    yield outer, some
