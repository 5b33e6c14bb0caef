"""One linear program, asked many times: the cheapest other table that readers cannot rule out.

A perturbation y moves one sensitive cell by an asked amount and keeps all that readers know: the
relations, the inequalities, the bounds, the cells that are shown. It is the certificate that the
cell's interval reaches that far.
"""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp

from quality.secrecy.classes import Systeme

#: Entries of a perturbation, in units of the amount asked, under which they are solver noise.
NOISE = 1e-7
INFEASIBLE = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)


def quiet_highs() -> highspy.Highs:
    """A silent single-thread solver."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver


class Perturbations:
    """The program on `cells` (class indices); every other cell stays as it is, which is safe.

    Columns: rise and fall of each cell, in units of the amount asked: solver tolerances are then
    relative to it, whether cells hold 3 persons or 30 million euros.
    """

    def __init__(self, s: Systeme, cells: np.ndarray) -> None:
        self.cells = cells
        self.local = {int(c): i for i, c in enumerate(cells)}
        self.rise = s.haut[cells] - s.valeurs[cells]
        self.fall = s.valeurs[cells] - s.bas[cells]
        equal = _touched(s.relations[:, cells])
        between = sp.csr_matrix(s.inegalites[:, cells])
        rows = np.flatnonzero(np.diff(between.indptr))
        at = (s.inegalites @ s.valeurs)[rows] if rows.size else np.zeros(0)
        self.down = np.minimum(s.inegalites_bas[rows] - at, 0)
        self.up = np.maximum(s.inegalites_haut[rows] - at, 0)
        self.matrix = sp.vstack([equal, between[rows]]).tocsr()
        self.equalities = equal.shape[0]
        self.between = between[rows]
        k = cells.size
        self.columns = np.arange(2 * k, dtype=np.int32)
        self.rows = np.arange(self.equalities, self.matrix.shape[0], dtype=np.int32)
        self.solver = quiet_highs()
        self.solver.setOptionValue("presolve", "off")
        both = sp.hstack([self.matrix, -self.matrix]).tocsc()
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = 2 * k, self.matrix.shape[0]
        lp.col_cost_ = np.zeros(2 * k)
        lp.col_lower_, lp.col_upper_ = np.zeros(2 * k), np.zeros(2 * k)
        lp.row_lower_ = np.zeros(lp.num_row_)
        lp.row_upper_ = np.zeros(lp.num_row_)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = both.indptr.astype(np.int32)
        lp.a_matrix_.index_ = both.indices.astype(np.int32)
        lp.a_matrix_.value_ = both.data
        self.solver.passModel(lp)

    def cheapest(
        self, target: int, amount: float, costs: np.ndarray, frozen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Least `costs` @ |y| with y[target] = amount; (classes, values), None if there is none.

        `costs` and `frozen` (y = 0) are over `self.cells`. `amount` may be negative.
        """
        return self._solve(target, amount, costs, frozen, exactly=True)

    def furthest(
        self, target: int, limit: float, frozen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """The y that moves `target` most in the direction of `limit`, and not beyond it."""
        return self._solve(target, limit, np.zeros(self.cells.size), frozen, exactly=False)

    def _solve(
        self, target: int, amount: float, costs: np.ndarray, frozen: np.ndarray, exactly: bool
    ) -> tuple[np.ndarray, np.ndarray] | None:
        k, t = self.cells.size, self.local[int(target)]
        size = abs(amount)
        upper = np.concatenate([self.rise, self.fall]) / size
        upper[:k][frozen] = 0
        upper[k:][frozen] = 0
        lower = np.zeros(2 * k)
        costs = np.concatenate([costs, costs])
        moved, still = (t, t + k) if amount > 0 else (t + k, t)
        upper[still] = 0
        if exactly and upper[moved] < 1 - NOISE:
            return None
        upper[moved] = min(1, upper[moved])
        if exactly:
            lower[moved] = upper[moved]
        else:
            costs[moved] = -1
        self.solver.changeColsBounds(2 * k, self.columns, lower, upper)
        self.solver.changeColsCost(2 * k, self.columns, costs)
        for row, low, high in zip(self.rows, self.down / size, self.up / size, strict=True):
            self.solver.changeRowBounds(int(row), low, high)
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = np.asarray(self.solver.getSolution().col_value)
        y = solution[:k] - solution[k:]
        support = np.flatnonzero(np.abs(y) > NOISE)
        if not support.size or abs(y[t]) <= NOISE:
            return None
        return self.cells[support], y[support] * size


def _touched(matrix: sp.csr_matrix) -> sp.csr_matrix:
    matrix = sp.csr_matrix(matrix)
    return matrix[np.flatnonzero(np.diff(matrix.indptr))]
