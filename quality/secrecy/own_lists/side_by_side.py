"""What a reader proves of the counts of a territory, all its tables side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from quality.secrecy.own_lists.nested_categories import Key, Nest

#: The least and the most that a count may be.
Bounds = dict[Key, tuple[int, int]]


class Ordered(NamedTuple):
    """What is true of a nest in a territory: parts are no more than the whole, or no less."""

    whole: Key
    parts: tuple[Key, ...]
    no_more: bool
    no_less: bool


def ordered_in(
    nests: Iterable[Nest], counts: Mapping[Key, int], known: set[int]
) -> Iterator[Ordered]:
    """The nests of the tables that tell something of a territory.

    Of two dates, a reader may know that nobody left, or that nobody came, where that is true.
    """
    for nest in nests:
        if nest.whole[0] in known and nest.parts[0][0] in known:
            whole, inside = counts.get(nest.whole, 0), sum(counts.get(p, 0) for p in nest.parts)
            no_more, no_less = inside <= whole, nest.full and inside >= whole
            if no_more or no_less:
                yield Ordered(nest.whole, nest.parts, no_more, no_less)


def bounds_of(figures: Mapping[Key, int], base: int) -> Bounds:
    """What each figure says alone: a multiple of the base, less than the base from its count."""
    return {key: (max(said - base + 1, 0), said + base - 1) for key, said in figures.items()}


def tightened(bounds: Bounds, ordered: Sequence[Ordered], base: int) -> Bounds:
    """The same with what the order of parts and wholes says, until it says no more."""
    found = dict(bounds)
    nobody = (0, base - 1)  # a category that a table does not print
    moves = True
    while moves:
        moves = False
        for one in ordered:
            keys = (one.whole, *one.parts)
            (low, high), *parts = before = [found.get(key, nobody) for key in keys]
            least, most = sum(p[0] for p in parts), sum(p[1] for p in parts)
            after = [
                (max(low, least if one.no_more else 0), min(high, most) if one.no_less else high)
            ]
            for under, over in parts:
                # What the others leave of the whole.
                if one.no_more:
                    over = min(over, high - (least - under))
                if one.no_less:
                    under = max(under, low - (most - over))
                after.append((under, over))
            if after != before:
                found.update(zip(keys, after, strict=True))
                moves = True
    return found


def is_proved(bounds: Bounds, base: int) -> bool:
    """Whether a count is sure to be there, and under the base."""
    return any(low > 0 and high < base for low, high in bounds.values())
