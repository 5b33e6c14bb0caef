"""Perturbations that each prove many requirements at once, mended as classes are shown again.

One program per group: its sensitive classes are pushed together towards what each needs. Showing a
class again closes two bounds of the program, which is solved anew from where it stood: a few
pivots, where a program per requirement takes hundreds.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np
import scipy.sparse as sp

from .classes import Systeme
from .perturbations import NOISE, columns_of, quiet_highs
from .requirements import ENOUGH, SIGN, Requirements

#: Groups made for one component at most; what they leave is proved one by one.
GROUPS = 40
#: A group of fewer requirements is not worth its program.
FEW = 4
#: Under so many classes, programs of one requirement are as quick.
WORTH = 150


@dataclass
class Push:
    """One side of a requirement: `target` is to move by `amount` (signed)."""

    r: int
    side: int
    target: int
    amount: float


@dataclass
class SharedProofs:
    """The groups of one component, on the hidden classes `cells`."""

    s: Systeme
    req: Requirements
    cells: np.ndarray
    groups: list[Group] = field(default_factory=list)
    questions: int = 0

    def __post_init__(self) -> None:
        # What is proved already is proved anew: one by one, it would be lost one by one.
        mine = np.isin(self.req.target, self.cells) & (self.req.insider < 0)
        numbers = np.flatnonzero(mine).tolist()
        before = self.req.reach[numbers].copy(), self.req.proof[numbers].copy()
        self.req.reach[numbers] = 0
        self.gather(numbers, np.zeros(0, dtype=np.int64))
        worse = self.req.reach[numbers] < before[0]
        self.req.reach[numbers] = np.where(worse, before[0], self.req.reach[numbers])
        self.req.proof[numbers] = np.where(worse, before[1], self.req.proof[numbers])

    def gather(self, numbers: list[int], shown: np.ndarray) -> dict[int, float]:
        """New groups for requirements, with the classes `shown` closed; those far from met.

        Of those that no group meets: the share of their need that the last one leaves them.
        """
        far: dict[int, float] = {}
        waiting = [push for r in numbers if not self.req.met(r) for push in self._pushes(r)]
        while len(waiting) >= FEW:
            # One direction for each class in one group: the first that still waits.
            asked = {push.target: push for push in reversed(waiting)}
            group = Group(self.s, self.cells, list(asked.values()), shown)
            self.questions += 1
            reached = group.keep_reached()
            far |= group.left
            if reached:
                self.req.credit(*group.moves())
            if len(reached) < FEW:
                break
            self.groups.append(group)
            done = {(push.r, push.side) for push in reached}
            waiting = [push for push in waiting if (push.r, push.side) not in done]
        self.groups = self.groups[-GROUPS:]
        return far

    def _pushes(self, r: int) -> list[Push]:
        need = self.req.need[r].copy()
        lacking = self.req.width[r] - need.sum()
        if lacking > 0:
            need[int(np.argmax(self.req.reach[r] - need))] += lacking
        target = int(self.req.target[r])
        short = self.req.reach[r] < need * ENOUGH
        return [Push(r, i, target, SIGN[i] * need[i]) for i in (0, 1) if short[i]]

    def show(self, c: int) -> None:
        """Class c is shown again: it no longer moves in any group."""
        for group in self.groups:
            group.close(c)

    def mend(self) -> None:
        """Another solution of each group that a requirement lacks, the newest first."""
        for group in sorted(self.groups, key=lambda group: -len(group.pushes)):
            if group.broken and group.lacks(self.req):
                group.solve()
                self.questions += 1
                self.req.credit(*group.moves())

    def hide(self, c: int) -> None:
        """Class c stays hidden after all."""
        for group in self.groups:
            group.open(c)


class Group:
    """The program of some pushes: the sum of what each reaches, as a share of its amount."""

    def __init__(
        self, s: Systeme, cells: np.ndarray, pushes: list[Push], shown: np.ndarray
    ) -> None:
        self.cells = cells
        self.pushes = pushes
        self.local = {int(c): i for i, c in enumerate(cells)}
        #: Amounts are told to the solver in this unit: its tolerances are absolute.
        self.unit = float(np.median([abs(p.amount) for p in pushes]))
        self.low = (s.bas[cells] - s.valeurs[cells]) / self.unit
        self.high = (s.haut[cells] - s.valeurs[cells]) / self.unit
        equal, _ = columns_of(s.par_cellule, cells)
        between, rows = columns_of(s.inegalites_par_cellule, cells)
        m = equal.shape[0]
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = cells.size, m + rows.size
        lp.col_cost_ = np.zeros(cells.size)
        lp.col_lower_, lp.col_upper_ = self.low, self.high
        still = np.zeros(m)
        lp.row_lower_ = np.concatenate([still, np.minimum(s.marge_basse[rows], 0) / self.unit])
        lp.row_upper_ = np.concatenate([still, np.maximum(s.marge_haute[rows], 0) / self.unit])
        matrix = sp.vstack([equal, between]).tocsc()
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        self.solver = quiet_highs()
        self.solver.setOptionValue("presolve", "off")
        self.solver.passModel(lp)
        for push in pushes:
            self._push(push)
        for c in shown.tolist():
            self.solver.changeColBounds(self.local[c], 0.0, 0.0)
        self.left: dict[int, float] = {}
        self.solve()

    def _push(self, push: Push) -> None:
        i, amount = self.local[push.target], push.amount / self.unit
        self.solver.changeColCost(i, -1.0 / amount)
        if amount > 0:
            self.high[i] = min(self.high[i], amount)
        else:
            self.low[i] = max(self.low[i], amount)
        self.solver.changeColBounds(i, self.low[i], self.high[i])

    def solve(self) -> None:
        """Look for a solution where it stands; a solver in trouble proves nothing."""
        #: Shown classes that the solution in hand moves: it is no proof while there is one.
        self.broken: set[int] = set()
        self.solver.run()
        if self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
            self.y = np.asarray(self.solver.getSolution().col_value)
        else:
            self.y = np.zeros(self.cells.size)
            self.solver.clearSolver()

    def keep_reached(self) -> list[Push]:
        """Drop the pushes that do not reach their amount; the others."""
        kept = []
        for push in self.pushes:
            i = self.local[push.target]
            share = self.y[i] * self.unit / push.amount
            if share >= ENOUGH:
                kept.append(push)
            else:
                self.left[push.r] = share
                self.solver.changeColCost(i, 0.0)
        self.pushes = kept
        self._r = np.array([push.r for push in kept], dtype=np.int64)
        self._side = np.array([push.side for push in kept], dtype=np.int64)
        self._amount = np.array([abs(push.amount) for push in kept])
        return kept

    def lacks(self, req: Requirements) -> bool:
        """Whether one of its pushes is of a requirement that no proof in hand meets."""
        short = req.reach[self._r, self._side] < self._amount * ENOUGH
        return bool((short & ~np.asarray(req.met(self._r))).any())

    def moves(self) -> tuple[np.ndarray, np.ndarray]:
        """(classes, moves) of the solution."""
        support = np.flatnonzero(np.abs(self.y) > NOISE)
        return self.cells[support], self.y[support] * self.unit

    def close(self, c: int) -> None:
        """Class c no longer moves."""
        i = self.local[c]
        self.solver.changeColBounds(i, 0.0, 0.0)
        if abs(self.y[i]) > NOISE:
            self.broken.add(c)

    def open(self, c: int) -> None:
        """Class c moves again."""
        i = self.local[c]
        self.solver.changeColBounds(i, self.low[i], self.high[i])
        self.broken.discard(c)
