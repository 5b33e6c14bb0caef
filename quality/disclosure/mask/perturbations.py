"""One linear program, asked many times: the cheapest other table that readers cannot rule out.

A perturbation y moves one sensitive cell by an asked amount and keeps all that readers know: the
relations, the inequalities, the bounds, the cells that are shown. It is the certificate that the
cell's interval reaches that far.
"""

from __future__ import annotations

import highspy
import numpy as np
import scipy.sparse as sp

from ..refused import DisclosureError
from .classes import Systeme

#: Entries of a perturbation, in units of the amount asked, under which they are solver noise.
NOISE = 1e-7
WITHOUT_SOLUTION = (
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)
#: Stands for "no bound" in the coefficients of a cut, in units of the amount asked.
UNLIMITED = 1e6


def quiet_highs() -> highspy._core._Highs:
    """A silent solver of one thread.

    HiGHS refuses another number of threads later in the same process: all of the project asks 1.
    """
    # highspy.Highs prints its licence on standard output before it can be told to be silent.
    solver = highspy._core._Highs()
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
        equal, _ = columns_of(s.par_cellule, cells)
        between, rows = columns_of(s.inegalites_par_cellule, cells)
        self.down = np.minimum(s.marge_basse[rows], 0)
        self.up = np.maximum(s.marge_haute[rows], 0)
        matrix = sp.vstack([equal, between]).tocsc() if rows.size else equal
        self.rows = np.arange(equal.shape[0], matrix.shape[0], dtype=np.int32)
        k = cells.size
        self.columns = np.arange(2 * k, dtype=np.int32)
        self.solver = quiet_highs()
        self.solver.setOptionValue("presolve", "off")
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = 2 * k, matrix.shape[0]
        lp.col_cost_ = np.zeros(2 * k)
        lp.col_lower_, lp.col_upper_ = np.zeros(2 * k), np.zeros(2 * k)
        lp.row_lower_ = np.zeros(lp.num_row_)
        lp.row_upper_ = np.zeros(lp.num_row_)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = np.concatenate(
            [matrix.indptr, matrix.indptr[1:] + matrix.nnz], dtype=np.int32
        )
        lp.a_matrix_.index_ = np.tile(matrix.indices, 2).astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate([matrix.data, -matrix.data])
        self.solver.passModel(lp)

    def cheapest(
        self, target: int, amount: float, costs: np.ndarray, frozen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Least `costs` @ |y| with y[target] = amount; (classes, values), None if there is none.

        `costs` and `frozen` (y = 0) are over `self.cells`. `amount` may be negative.
        """
        return self._solve(target, amount, costs, frozen, exactly=True)

    def furthest(
        self, target: int, amount: float, frozen: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """The y that moves `target` most towards `amount`, and not beyond it."""
        return self._solve(target, amount, np.zeros(self.cells.size), frozen, exactly=False)

    def cut(
        self, target: int, amount: float, open_to: np.ndarray, insider: int = -1
    ) -> tuple[float, np.ndarray]:
        """Furthest move of `target` towards `amount`, and what bounds it: (move, coefficients).

        `open_to` (k,) in [0, 1] scales the room of each cell. Whatever the mask z (0/1), linear
        duality gives: furthest move under z <= move + coefficients @ (z - open_to). Both are in
        units of |amount|.
        """
        k, t = self.cells.size, self.local[int(target)]
        room = np.concatenate([self.rise, self.fall]) / abs(amount)
        moved, still = (t, t + k) if amount > 0 else (t + k, t)
        room[still] = 0
        if insider in self.local:
            room[[self.local[insider], self.local[insider] + k]] = 0
        costs = np.zeros(2 * k)
        costs[moved] = -1
        self._load(np.zeros(2 * k), room * np.concatenate([open_to, open_to]), costs, abs(amount))
        if not self._run():
            return np.inf, np.zeros(k)
        solution = self.solver.getSolution()
        price = np.maximum(0, -np.asarray(solution.col_dual))
        gain = price * np.minimum(room, UNLIMITED)
        return float(solution.col_value[moved]), gain[:k] + gain[k:]

    def _load(self, low: np.ndarray, high: np.ndarray, costs: np.ndarray, size: float) -> None:
        # From y = 0, which costs nothing: the basis of the last question is right for neither the
        # bounds nor the costs of this one, and takes three times the iterations.
        self.solver.setBasis()
        self.solver.changeColsBounds(low.size, self.columns, low, high)
        self.solver.changeColsCost(low.size, self.columns, costs)
        if self.rows.size:
            self.solver.changeRowsBounds(  # type: ignore[attr-defined]  # its stub forgets it
                self.rows.size, self.rows, self.down / size, self.up / size
            )

    def _run(self) -> bool:
        """Is there a solution? A solver in trouble starts afresh once, then is an error."""
        for _ in range(2):
            self.solver.run()
            status = self.solver.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                return True
            if status in WITHOUT_SOLUTION:
                return False
            self.solver.clearSolver()
        raise DisclosureError(
            "Le solveur HiGHS n'a pas conclu sur un programme du masquage",
            ou=f"{self.cells.size} cellules, état « {self.solver.modelStatusToString(status)} »",
            attendu="une solution, ou la preuve qu'il n'y en a pas",
            faire="vérifier l'échelle des valeurs et des bornes de ces cellules",
        )

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
        self._load(lower, upper, costs, size)
        if not self._run():
            return None
        solution = np.asarray(self.solver.getSolution().col_value)
        y = solution[:k] - solution[k:]
        support = np.flatnonzero(np.abs(y) > NOISE)
        if not support.size or abs(y[t]) <= NOISE:
            return None
        return self.cells[support], y[support] * size


def columns_of(matrix: sp.csc_matrix, cells: np.ndarray) -> tuple[sp.csc_matrix, np.ndarray]:
    """The columns of `cells` without the rows they leave empty, and the numbers of the others."""
    part = matrix[:, cells]
    rows, renumbered = np.unique(part.indices, return_inverse=True)
    shape = (rows.size, cells.size)
    return sp.csc_matrix((part.data, renumbered.ravel(), part.indptr), shape=shape), rows
