"""Cells that one printed row gives at once, and then those that follow: settled before any program.

A rate printed in full beside its denominator gives its numerator; a sum with one unknown gives it.
On a national release they are most of the unknown cells, and only slow the programs down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from .system import System

#: Gap, as a share of the largest term of a row (1 at least), beyond which it does not hold.
HOLDS = 1e-6


@dataclass(frozen=True)
class Given:
    """`system`: the same cells, those given held by their bounds and absent from its rows.

    `par`: cell given → number of the relation, in the system as it came, that gives it.
    """

    system: System
    par: Mapping[int, int]


def settle(system: System) -> Given:
    """Relations with one unknown cell, again and again. What is contradictory is left as it was."""
    value, by = _follow(system.relations.tocsr(), system.rhs)
    bad = _contradicted(system, value)
    if bad.any():
        value[bad], by[bad] = np.nan, -1
    known = ~np.isnan(value)
    if not known.any():
        return Given(system, {})
    filled = np.where(known, value, 0.0)
    relations, ranges = system.relations.tocsr(), system.ranges.tocsr()
    kept_relations, left_relations = _without(relations, known)
    kept_ranges, left_ranges = _without(ranges, known)
    moved, shift = relations @ filled, ranges @ filled
    reduced = replace(
        system,
        lower=np.where(known, value, system.lower),
        upper=np.where(known, value, system.upper),
        relations=left_relations,
        rhs=(system.rhs - moved)[kept_relations],
        noms_relations=[system.noms_relations[r] for r in kept_relations],
        ranges=left_ranges,
        low=(system.low - shift)[kept_ranges],
        high=(system.high - shift)[kept_ranges],
        noms_ranges=[system.noms_ranges[r] for r in kept_ranges],
    )
    return Given(reduced, {int(c): int(by[c]) for c in np.flatnonzero(known)})


def _follow(relations: sp.csr_matrix, rhs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n,) value of each cell given, NaN for the others, and the relation that gives it."""
    m, n = relations.shape
    value, by = np.full(n, np.nan), np.full(n, -1)
    row = np.repeat(np.arange(m), np.diff(relations.indptr))
    solid = relations.data != 0
    row, cell, coef = row[solid], relations.indices[solid], relations.data[solid]
    while True:
        free = np.isnan(value)[cell]
        count = np.bincount(row[free], minlength=m)
        one = free & (count[row] == 1)
        if not one.any():
            return value, by
        rest = rhs - np.bincount(row[~free], coef[~free] * value[cell[~free]], minlength=m)
        cells, first = np.unique(cell[one], return_index=True)
        at = np.flatnonzero(one)[first]
        value[cells], by[cells] = rest[row[at]] / coef[at], row[at]


def _contradicted(system: System, value: np.ndarray) -> np.ndarray:
    """(n,) cells of the components in which what is given breaks a row or a bound."""
    matrix = sp.vstack([system.relations, system.ranges], format="csr")
    m, n = matrix.shape
    low = np.concatenate([system.rhs, system.low])
    high = np.concatenate([system.rhs, system.high])
    known = ~np.isnan(value)
    filled = np.where(known, value, 0.0)
    row = np.repeat(np.arange(m), np.diff(matrix.indptr))
    whole = np.bincount(row, ~known[matrix.indices], minlength=m) == 0
    slack = HOLDS * (1 + (abs(matrix) @ np.abs(filled)))
    total = matrix @ filled
    broken = whole & ((total < low - slack) | (total > high + slack))
    room = HOLDS * (1 + np.abs(filled))
    outside = known & ((value < system.lower - room) | (value > system.upper + room))
    if not (broken.any() or outside.any()):
        return np.zeros(n, dtype=bool)
    links = sp.bmat([[None, matrix.T], [matrix, None]], format="csr")
    _, label = connected_components(links, directed=False)
    return np.isin(label[:n], label[np.flatnonzero(np.concatenate([outside, broken]))]) & known


def _without(matrix: sp.csr_matrix, known: np.ndarray) -> tuple[np.ndarray, sp.csr_matrix]:
    """The rows that keep an unknown cell, and the matrix of those without the known ones."""
    left = sp.csr_matrix(matrix @ sp.diags_array((~known).astype(float)))
    left.eliminate_zeros()
    kept = np.flatnonzero(np.diff(left.indptr))
    return kept, left[kept]
