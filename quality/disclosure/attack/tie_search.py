"""Ties that counts show without anyone saying so: what a reader finds in a file of all quarters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Arithmetic is modulo this prime: products of two residues fit in 64 bits.
_PRIME = 2_147_483_647
#: Rows beyond the number of columns under which a tie may be chance.
_SPARE = 50
#: Share of the rows in which a tie holds, for it to be one that some rows break.
NEARLY = 0.98
#: Draws of few rows in which a tie that others break is sought.
_DRAWS = 20
#: Terms of a tie with coefficients other than ±1 are chance in a small draw.
_LONGEST = 12


@dataclass(frozen=True)
class Tie:
    """A linear form over mesures that is 0 in a share of the territories."""

    termes: tuple[tuple[str, int], ...]
    part: float

    def __str__(self) -> str:
        left = " + ".join(m for m, c in self.termes if c > 0)
        right = " + ".join(m for m, c in self.termes if c < 0)
        return f"{left} = {right or '0'}"


def undeclared_ties(
    columns: Sequence[str],
    values: np.ndarray,
    declared: Iterable[Mapping[str, float]],
) -> list[Tie]:
    """Ties between these counts that no combination of the declared sums says.

    Those that hold in every row are all found; of those that hold in nearly all, the short ones.

    Args:
        columns: names of the C mesures.
        values: (T, C) whole numbers, NaN where unknown.
        declared: coefficients of what is 0, by mesure.
    """
    rows = np.rint(values[~np.isnan(values).any(axis=1)]).astype(np.int64)
    there = rows.any(axis=0)
    columns = [name for name, used in zip(columns, there, strict=True) if used]
    rows = rows[rows.any(axis=1)][:, there]
    if rows.shape[0] < len(columns) + _SPARE:
        return []
    known = Span(len(columns))
    at = {name: i for i, name in enumerate(columns)}
    for form in declared:
        if set(form) <= at.keys():
            vector = np.zeros(len(columns), dtype=np.int64)
            vector[[at[m] for m in form]] = [int(c) for c in form.values()]
            known.add(vector)
    found = [(v, 1.0) for v in _null_space(rows) if known.add(v)]
    draws = np.random.default_rng(0)
    for _ in range(_DRAWS):
        sample = rows[draws.choice(rows.shape[0], len(columns) + 2, replace=False)]
        for vector in _null_space(sample):
            if np.abs(vector).max() > 1 or not 1 < np.count_nonzero(vector) <= _LONGEST:
                continue
            there = rows[(rows[:, vector != 0] != 0).any(axis=1)]
            part = float((there @ vector == 0).mean()) if len(there) else 0.0
            if part >= NEARLY and known.add(vector):
                found.append((vector, part))
    return [_named(columns, vector, part) for vector, part in found]


def _named(columns: Sequence[str], vector: np.ndarray, part: float) -> Tie:
    at = np.flatnonzero(vector).tolist()
    # Fewer terms on the left: it reads as a total, then its parts.
    sign = 1 if (vector[at] > 0).sum() <= (vector[at] < 0).sum() else -1
    return Tie(tuple((columns[i], int(sign * vector[i])) for i in at), part)


def _null_space(matrix: np.ndarray) -> list[np.ndarray]:
    """A basis of what every row is orthogonal to, with small coefficients where there are some."""
    m = matrix % _PRIME
    m = m[np.lexsort(m.T)]
    pivots: list[int] = []
    row = 0
    for column in range(m.shape[1]):
        there = np.flatnonzero(m[row:, column])
        if not there.size:
            continue
        m[[row, row + there[0]]] = m[[row + there[0], row]]
        m[row] = m[row] * pow(int(m[row, column]), -1, _PRIME) % _PRIME
        others = np.flatnonzero(m[:, column])
        others = others[others != row]
        m[others] = (m[others] - m[others, column][:, None] * m[row] % _PRIME) % _PRIME
        pivots.append(column)
        row += 1
        if row == m.shape[0]:
            break
    basis = []
    for free in sorted(set(range(m.shape[1])) - set(pivots)):
        vector = np.zeros(m.shape[1], dtype=np.int64)
        vector[free] = 1
        vector[pivots] = -m[: len(pivots), free]
        vector %= _PRIME
        basis.append(np.where(vector > _PRIME // 2, vector - _PRIME, vector))
    return basis


class Span:
    """What combinations of the vectors seen so far can say."""

    def __init__(self, width: int) -> None:
        self._rows: dict[int, np.ndarray] = {}
        self._width = width

    def add(self, vector: np.ndarray) -> bool:
        """Whether a vector says something new; it is then known."""
        left = vector % _PRIME
        for column, row in self._rows.items():
            if left[column]:
                left = (left - left[column] * row % _PRIME) % _PRIME
        there = np.flatnonzero(left)
        if not there.size:
            return False
        self._rows[int(there[0])] = left * pow(int(left[there[0]]), -1, _PRIME) % _PRIME
        return True
