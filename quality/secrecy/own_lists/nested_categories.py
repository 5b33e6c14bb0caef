"""Which categories of one column of a list lie inside those of another. Knows no count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from quality.secrecy.own_lists.list_counts import label

#: Categories of two columns, in their order, that somebody has both.
Pairs = Collection[tuple[str, str]]
#: A category by the rank of its table; "" for all of them.
Key = tuple[int, str]
ENSEMBLE = ""


class Nest(NamedTuple):
    """A category, and those of one table of which everybody is in it.

    `full`: they are all of its people.
    """

    whole: Key
    parts: tuple[Key, ...]
    full: bool


def pairs_of(one: Sequence[str | None], other: Sequence[str | None]) -> Pairs:
    """Those of two columns of a list, one cell a row in each."""
    return {(label(a), label(b)) for a, b in {*zip(one, other, strict=True)}}


def nests_of(
    tables: Sequence[Collection[str]], pairs: Callable[[int, int], Pairs]
) -> Iterator[Nest]:
    """What holds between the figures of tables, whose categories are given: their sums, and
    « 18-30 ans » in « adulte », « F » and « femme »."""
    for at, names in enumerate(tables):
        yield Nest((at, ENSEMBLE), tuple((at, name) for name in names), True)
        for other in range(at):
            yield Nest((at, ENSEMBLE), ((other, ENSEMBLE),), True)
            both = pairs(at, other)
            yield from _inside(at, other, both)
            yield from _inside(other, at, [(b, a) for a, b in both])


def _inside(above: int, below: int, pairs: Pairs) -> Iterator[Nest]:
    """The categories of the first table, and those of the second that are inside one of them."""
    wholes, parts = defaultdict(set), defaultdict(set)
    for whole, part in pairs:
        wholes[part].add(whole)
        parts[whole].add(part)
    for whole, under in sorted(parts.items()):
        if inner := [part for part in sorted(under) if len(wholes[part]) == 1]:
            full = len(inner) == len(under)
            yield Nest((above, whole), tuple((below, part) for part in inner), full)
