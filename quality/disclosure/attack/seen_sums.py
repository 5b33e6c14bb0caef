"""Sums that nobody declared and that printed figures show: what a reader of a table tries first.

A column that is the sum of a few others, of all the others, or of those printed beside it, in each
line where all are printed. Chance is weighed: a sum of figures of three digits is right once in a
thousand by accident, and many sums are tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .tie_search import Span

#: Chance of one accident in so many tables, as a power of ten.
SURE = 6.0
#: Columns beyond which are tried: no sum of four parts, none of a few, none of neighbours.
NARROW, WIDE, LONG = 120, 400, 3000
#: Lines on which sums are looked for; all that have the figures must then bear them out.
PROBES = 4


@dataclass(frozen=True)
class SeenSum:
    """The column `total` is the sum of the columns `parts`, by their place."""

    total: int
    parts: tuple[int, ...]

    def vector(self, width: int) -> np.ndarray:
        """Its coefficients over all the columns."""
        found = np.zeros(width, dtype=np.int64)
        found[self.total], found[list(self.parts)] = 1, -1
        return found


def seen_sums(
    values: np.ndarray, declared: Iterable[Mapping[int, float]] = (), sure: float = SURE
) -> list[SeenSum]:
    """Sums between columns that no combination of the declared ones says; the shortest first.

    Args:
        values: (lines, columns) whole numbers of 0 or more, NaN where nothing is printed.
        declared: coefficients by column of what is known to be 0, or to leave a rest.
        sure: accidents are rarer than one in ten to this power.
    """
    # A column of zeros alone may be added to anything: it is in no sum.
    used = np.flatnonzero((np.nan_to_num(values) > 0).any(axis=0))
    at = {column: k for k, column in enumerate(used.tolist())}
    known = Span(used.size)
    for form in declared:
        vector = np.zeros(used.size, dtype=np.int64)
        held = {at[column]: int(c) for column, c in form.items() if column in at}
        vector[[*held]] = [*held.values()]
        known.add(vector)
    found = _found(values[:, used], known, sure)
    return [SeenSum(int(used[one.total]), tuple(used[list(one.parts)].tolist())) for one in found]


def _found(values: np.ndarray, known: Span, sure: float) -> list[SeenSum]:
    full = ~np.isnan(values)
    found = []
    tried: dict[_Candidate, None] = {}
    order = np.argsort(-full.sum(axis=1), kind="stable")
    looked_at = set()
    for most in range(min(PROBES, len(order)), 0, -1):
        probes = order[:most]
        columns = np.flatnonzero(full[probes].all(axis=0))
        if columns.size < 2 or (key := columns.tobytes()) in looked_at:
            continue
        looked_at.add(key)
        for total, parts, digits in _candidates(values[probes][:, columns].astype(np.int64)):
            named = tuple(columns[list(parts)].tolist())
            tried[int(columns[total]), named, digits] = None
    for seen in sorted(tried, key=lambda one: len(one[1])):
        sum_of = SeenSum(*seen[:2])
        if _holds(values, full, sum_of, seen[2] + sure) and known.add(
            sum_of.vector(values.shape[1])
        ):
            found.append(sum_of)
    return found


def _holds(values: np.ndarray, full: np.ndarray, one: SeenSum, digits: float) -> bool:
    """Whether every line that prints its terms bears a sum out, and they are worth these digits."""
    at = [one.total, *one.parts]
    lines = values[full[:, at].all(axis=1)][:, at]
    if (lines[:, 0] != lines[:, 1:].sum(axis=1)).any():
        return False
    return bool(np.log10(1 + lines[:, 0]).sum() >= digits)


#: The total, its parts, and the digits that it takes to tell one of its kind from an accident.
_Candidate = tuple[int, tuple[int, ...], float]


def _candidates(probes: np.ndarray) -> Iterator[_Candidate]:
    """Sums that hold in the probes."""
    yield from _of_neighbours(probes)
    # One line of small counts bears out thousands of sums, and proves none.
    if len(probes) > 1 and probes.shape[1] <= WIDE:
        yield from _of_few(probes)


def _of_neighbours(probes: np.ndarray) -> Iterator[_Candidate]:
    """All the others; those before it, or after it, from any of them on."""
    width, everything = probes.shape[1], probes.sum(axis=1)
    for whole in np.flatnonzero((2 * probes == everything[:, None]).all(axis=0)).tolist():
        if width > 2:
            others = tuple(c for c in range(width) if c != whole)
            yield whole, others, float(np.log10(width))
    if width > LONG:
        return
    before = np.concatenate([np.zeros((len(probes), 1), np.int64), probes.cumsum(axis=1)], axis=1)
    for total in range(width):
        own = probes[:, total]
        above = np.flatnonzero((before[:, [total]] - before[:, :total] == own[:, None]).all(axis=0))
        after = before[:, total + 2 :] - before[:, [total + 1]]
        below = np.flatnonzero((after == own[:, None]).all(axis=0))
        runs = [tuple(range(first, total)) for first in above.tolist()]
        runs += [tuple(range(total + 1, total + 2 + last)) for last in below.tolist()]
        yield from ((total, run, 2 * float(np.log10(width))) for run in runs if len(run) > 1)


def _of_few(probes: np.ndarray) -> Iterator[_Candidate]:
    """One, two, three or four columns that make another, found by a print of each."""
    width = probes.shape[1]
    weights = np.random.default_rng(0).integers(1, 2**63, len(probes), dtype=np.uint64)
    own = (probes.astype(np.uint64) * weights[:, None]).sum(axis=0, dtype=np.uint64)
    first, second = np.triu_indices(width, 1)
    pairs = own[first] + own[second]
    order = np.argsort(pairs, kind="stable")
    ordered = pairs[order]
    singles = {int(p): c for c, p in reversed([*enumerate(own.tolist())])}
    digits = [(k + 1) * float(np.log10(width)) for k in range(5)]
    for total in range(width):
        if singles[int(own[total])] < total:
            yield total, (singles[int(own[total])],), digits[1]
        left = own[total] - pairs
        for at in np.flatnonzero(left == 0).tolist():
            yield total, (int(first[at]), int(second[at])), digits[2]
        for at in np.flatnonzero(np.isin(left, own)).tolist():
            parts = {int(first[at]), int(second[at]), singles[int(left[at])]}
            if len(parts) == 3 and total not in parts:
                yield total, tuple(sorted(parts)), digits[3]
        if len(probes) < 3 or width > NARROW:
            continue
        for at in np.flatnonzero(np.isin(left, ordered)).tolist():
            other = order[np.searchsorted(ordered, left[at])]
            parts = {int(c) for k in (at, other) for c in (first[k], second[k])}
            if len(parts) == 4 and total not in parts:
                yield total, tuple(sorted(parts)), digits[4]


def named(columns: Sequence[str], one: SeenSum) -> str:
    """A sum in words."""
    return f"{columns[one.total]} = {' + '.join(columns[part] for part in one.parts)}"
