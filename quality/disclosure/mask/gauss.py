"""Sequential elimination: no sensitive cell is a linear function of what stays published.

Method: Langsrud (2024), doi 10.1007/978-3-031-69651-0_6, as in GaussSuppression: candidates are
published from the dearest to the cheapest, unless that would give a sensitive cell away. It
proves nothing about intervals.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import scipy.sparse as sp

from .classes import Systeme

#: Arithmetic is exact modulo this prime: coefficients are small integers or ratios.
PREMIER = (1 << 61) - 1
DENOMINATOR = 10**6  #: coefficients are read as fractions with at most this denominator

Line = dict[int, int]


def eliminate(s: Systeme) -> tuple[np.ndarray, np.ndarray]:
    """(k,) bool masked candidates, and indices of the sensitive classes that readers can compute.

    Order: `rang`, dearest first; equal costs in the order of the classes.
    """
    order = np.argsort(-s.rang, kind="stable")
    order = order[s.candidates[order]]
    columns, rows = _null_space(s, order)
    sensitive = {int(i) for i in np.flatnonzero(s.sensibles)}
    lost = [j for j in sensitive if not columns[j]]
    sensitive.difference_update(lost)
    masked = np.zeros(s.valeurs.size, dtype=bool)
    for j in order.tolist():
        if _gives_away(j, columns, rows, sensitive):
            masked[j] = True
            _forget(j, columns, rows)
        else:
            _publish(j, columns, rows)
    return masked, np.array(sorted(lost), dtype=np.int64)


def _null_space(s: Systeme, order: np.ndarray) -> tuple[list[Line], list[set[int]]]:
    """Columns of a basis of {x : relations @ x = 0}, one per class, and the columns of each row.

    Each relation is solved for the class that comes last in the order of publication: what is
    published early is then a coordinate, and eliminating it fills nothing in.
    """
    k = s.valeurs.size
    rank = np.full(k, k, dtype=np.int64)
    rank[order] = np.arange(order.size)
    lines = [_modular(s.relations, i) for i in range(s.relations.shape[0])]
    using: list[set[int]] = [set() for _ in range(k)]
    for i, line in enumerate(lines):
        for j in line:
            using[j].add(i)
    solved: dict[int, int] = {}
    for i in sorted(range(len(lines)), key=lambda i: len(lines[i])):
        line = lines[i]
        if not line:
            continue
        pivot = max(line, key=lambda j: (rank[j], -len(using[j]), j))
        inverse = pow(line[pivot], -1, PREMIER)
        for j in line:
            line[j] = line[j] * inverse % PREMIER
        for other in list(using[pivot]):
            if other != i:
                _combine(lines[other], lines[other][pivot], line, other, using)
        solved[pivot] = i
    columns: list[Line] = [{} for _ in range(k)]
    rows: list[set[int]] = [set() for _ in range(k)]
    for j in range(k):
        if j in solved:
            columns[j] = {f: PREMIER - v for f, v in lines[solved[j]].items() if f != j}
        else:
            columns[j] = {j: 1}
        for r in columns[j]:
            rows[r].add(j)
    return columns, rows


def _modular(relations: sp.csr_matrix, i: int) -> Line:
    where = slice(relations.indptr[i], relations.indptr[i + 1])
    line = {}
    for j, value in zip(relations.indices[where], relations.data[where], strict=True):
        if value == int(value):
            line[int(j)] = int(value) % PREMIER
        else:
            ratio = Fraction(float(value)).limit_denominator(DENOMINATOR)
            line[int(j)] = ratio.numerator * pow(ratio.denominator, -1, PREMIER) % PREMIER
    return line


def _combine(line: Line, factor: int, pivot: Line, owner: int, index: list[set[int]]) -> None:
    """line -= factor * pivot, in place; `index` keeps which lines hold which entry."""
    for j, v in pivot.items():
        old = line.get(j, 0)
        new = (old - factor * v) % PREMIER
        if new:
            line[j] = new
            if not old:
                index[j].add(owner)
        elif old:
            del line[j]
            index[j].discard(owner)


def _forget(j: int, columns: list[Line], rows: list[set[int]]) -> None:
    for r in columns[j]:
        rows[r].discard(j)
    columns[j] = {}


def _publish(j: int, columns: list[Line], rows: list[set[int]]) -> None:
    """Readers have column j: one of its rows is eliminated from every other column."""
    column = columns[j]
    if not column:
        return
    pivot = min(column, key=lambda r: (len(rows[r]), r))
    inverse = pow(column[pivot], -1, PREMIER)
    unit = {r: v * inverse % PREMIER for r, v in column.items()}
    for other in [o for o in rows[pivot] if o != j]:
        _combine(columns[other], columns[other][pivot], unit, other, rows)
    _forget(j, columns, rows)


def _gives_away(j: int, columns: list[Line], rows: list[set[int]], sensitive: set[int]) -> bool:
    """Is the column of a sensitive class a multiple of column j?"""
    column = columns[j]
    if not column:
        return False
    pivot = min(column, key=lambda r: len(rows[r]))
    for other in rows[pivot]:
        if other == j or other not in sensitive or len(columns[other]) != len(column):
            continue
        ratio = columns[other][pivot] * pow(column[pivot], -1, PREMIER) % PREMIER
        if all(columns[other].get(r) == v * ratio % PREMIER for r, v in column.items()):
            return True
    return False
