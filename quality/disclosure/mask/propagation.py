"""Bounds that sums alone put on each hidden class: a quick proof that a class cannot be spared."""

from __future__ import annotations

from math import inf

import numpy as np
import scipy.sparse as sp

from .classes import Systeme

#: Bounds move on only where they tighten by more than this share of the room that is left.
GAIN = 1e-3
#: Rows looked at for one class: what is far away seldom decides.
ROWS = 400


class Bounds:
    """What a reader who takes one sum at a time knows of each perturbation: least, greatest.

    Always wider than what programs find, so what falls short here falls short there.
    """

    def __init__(self, s: Systeme, hidden: np.ndarray) -> None:
        # Rows are short: plain numbers are ten times quicker than arrays of three.
        self.low: list[float] = np.where(hidden, s.bas - s.valeurs, 0.0).tolist()
        self.high: list[float] = np.where(hidden, s.haut - s.valeurs, 0.0).tolist()
        self._relations, self._by_class = sp.csr_matrix(s.relations), s.par_cellule
        self._hidden = hidden
        self._terms: dict[int, list[tuple[int, float]]] = {}
        self._rows: dict[int, list[int]] = {}
        self._undo: dict[int, tuple[float, float]] = {}

    def show(self, c: int) -> np.ndarray:
        """Class c is shown; the classes whose bounds tighten. `back` undoes it."""
        self._undo = {}
        self._set(c, 0.0, 0.0)
        waiting, seen = list(dict.fromkeys(self._rows_of(c))), 0
        queued = set(waiting)
        while waiting and seen < ROWS:
            row = waiting.pop(0)
            queued.discard(row)
            seen += 1
            for cell in self._tighten(row):
                for other in self._rows_of(cell):
                    if other != row and other not in queued:
                        queued.add(other)
                        waiting.append(other)
        return np.fromiter(self._undo, dtype=np.int64, count=len(self._undo))

    def back(self) -> None:
        """What the last `show` learnt is forgotten."""
        for cell, (low, high) in self._undo.items():
            self.low[cell], self.high[cell] = low, high

    def _set(self, cell: int, low: float, high: float) -> None:
        self._undo.setdefault(cell, (self.low[cell], self.high[cell]))
        self.low[cell], self.high[cell] = low, high

    def _rows_of(self, c: int) -> list[int]:
        """The sums of a class; a list once and for all."""
        if c not in self._rows:
            self._rows[c] = _line(self._by_class, self._by_class.indices, c)
        return self._rows[c]

    def _terms_of(self, row: int) -> list[tuple[int, float]]:
        """The hidden classes of a sum, with their signs: the others move nothing."""
        if row not in self._terms:
            m = self._relations
            both = zip(_line(m, m.indices, row), _line(m, m.data, row), strict=True)
            self._terms[row] = [(c, a) for c, a in both if self._hidden[c]]
        return self._terms[row]

    def _tighten(self, row: int) -> list[int]:
        """The classes of one sum whose bounds it tightens."""
        terms = [(c, a, self.low[c], self.high[c]) for c, a in self._terms_of(row)]
        ends = [(a * low, a * high) if a > 0 else (a * high, a * low) for _, a, low, high in terms]
        endless_least = sum(least == -inf for least, _ in ends)
        endless_most = sum(most == inf for _, most in ends)
        if endless_least > 1 and endless_most > 1:
            return []
        total_least = sum(least for least, _ in ends if least != -inf)
        total_most = sum(most for _, most in ends if most != inf)
        found = []
        for (c, a, low, high), (least, most) in zip(terms, ends, strict=True):
            # a x is between `bottom` and `top`.
            if least == -inf:
                top = -total_least if endless_least == 1 else inf
            else:
                top = least - total_least if not endless_least else inf
            if most == inf:
                bottom = -total_most if endless_most == 1 else -inf
            else:
                bottom = most - total_most if not endless_most else -inf
            new_low, new_high = (bottom / a, top / a) if a > 0 else (top / a, bottom / a)
            new_low, new_high = max(new_low, low), min(new_high, high)
            room = high - low
            gain = (new_low - low if new_low > low else 0) + (
                high - new_high if new_high < high else 0
            )
            if room > 0 and gain > GAIN * min(room, 1e30):
                found.append((c, min(new_low, 0.0), max(new_high, 0.0)))
        for c, new_low, new_high in found:
            self._set(c, new_low, new_high)
        return [c for c, _, _ in found]


def _line(matrix: sp.csr_matrix | sp.csc_matrix, of: np.ndarray, at: int) -> list:
    """What a compressed matrix holds of one of its rows, or columns."""
    return of[matrix.indptr[at] : matrix.indptr[at + 1]].tolist()
