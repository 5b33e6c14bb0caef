"""Bounds that sums alone put on each hidden class: a quick proof that a class cannot be spared."""

from __future__ import annotations

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
        self.low = np.where(hidden, s.bas - s.valeurs, 0.0)
        self.high = np.where(hidden, s.haut - s.valeurs, 0.0)
        matrix = sp.csr_matrix(s.relations)
        split = range(matrix.shape[0])
        self._cells = [matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]] for i in split]
        self._coefs = [matrix.data[matrix.indptr[i] : matrix.indptr[i + 1]] for i in split]
        column = s.par_cellule
        self._rows = [
            column.indices[column.indptr[j] : column.indptr[j + 1]] for j in range(hidden.size)
        ]
        self._undo: dict[int, tuple[float, float]] = {}

    def show(self, c: int) -> np.ndarray:
        """Class c is shown; the classes whose bounds tighten. `back` undoes it."""
        self._undo = {}
        self._set(c, 0.0, 0.0)
        waiting, seen = list(dict.fromkeys(self._rows[c].tolist())), 0
        queued = set(waiting)
        while waiting and seen < ROWS:
            row = waiting.pop(0)
            queued.discard(row)
            seen += 1
            for cell in self._tighten(row):
                for other in self._rows[cell].tolist():
                    if other != row and other not in queued:
                        queued.add(other)
                        waiting.append(other)
        return np.fromiter(self._undo, dtype=np.int64, count=len(self._undo))

    def back(self) -> None:
        """What the last `show` learnt is forgotten."""
        for cell, (low, high) in self._undo.items():
            self.low[cell], self.high[cell] = low, high

    def _set(self, cell: int, low: float, high: float) -> None:
        self._undo.setdefault(cell, (float(self.low[cell]), float(self.high[cell])))
        self.low[cell], self.high[cell] = low, high

    def _tighten(self, row: int) -> list[int]:
        """The classes of one sum whose bounds it tightens."""
        cells, a = self._cells[row], self._coefs[row]
        low, high = self.low[cells], self.high[cells]
        least = np.where(a > 0, a * low, a * high)
        most = np.where(a > 0, a * high, a * low)
        endless_least, endless_most = np.isinf(least).sum(), np.isinf(most).sum()
        if endless_least > 1 and endless_most > 1:
            return []
        total_least = least[np.isfinite(least)].sum()
        total_most = most[np.isfinite(most)].sum()
        alone_least = endless_least - np.isinf(least) == 0
        alone_most = endless_most - np.isinf(most) == 0
        top = np.where(alone_least, -(total_least - np.where(np.isfinite(least), least, 0)), np.inf)
        bottom = np.where(alone_most, -(total_most - np.where(np.isfinite(most), most, 0)), -np.inf)
        # a x is between `bottom` and `top`.
        new_low = np.where(a > 0, bottom, top) / a
        new_high = np.where(a > 0, top, bottom) / a
        new_low, new_high = np.maximum(new_low, low), np.minimum(new_high, high)
        room = np.where(np.isfinite(high - low), high - low, np.inf)
        with np.errstate(invalid="ignore"):  # without end before and after
            gain = (new_low - low) + (high - new_high)
        gain[np.isnan(gain)] = 0
        better = np.flatnonzero((gain > GAIN * np.minimum(room, 1e30)) & (room > 0))
        for i in better.tolist():
            self._set(int(cells[i]), min(new_low[i], 0.0), max(new_high[i], 0.0))
        return cells[better].tolist()
