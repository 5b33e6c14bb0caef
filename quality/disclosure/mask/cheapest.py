"""The cheapest mask, with a proof: an integer program to which broken requirements add cuts.

Method: Fischetti and Salazar (2001), capacity constraints from the dual of each reader's program,
solved with HiGHS. For blocks of a few hundred cells: the caller sets the time limit.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from .classes import Systeme
from .lp_blocks import Blocks
from .perturbations import quiet_highs
from .requirements import ENOUGH, SIGN, Requirements

#: A cut must be broken by more than this share of its right-hand side to be worth adding.
BROKEN = 1e-6
ROUNDS = 60  #: of the relaxation, before integers are asked


@dataclass(frozen=True)
class Solution:
    """`masked`: every requirement holds and no mask is cheaper. None where `why` tells."""

    masked: np.ndarray | None
    bound: float
    why: str = ""


def cheapest_mask(s: Systeme, req: Requirements, blocks: Blocks, limit: float) -> Solution:
    """The optimal mask for the requirements of `req`, within `limit` seconds."""
    return _Search(s, req, blocks, limit).run()


class _Search:
    def __init__(self, s: Systeme, req: Requirements, blocks: Blocks, limit: float) -> None:
        self.s, self.req, self.blocks = s, req, blocks
        self.deadline = time.perf_counter() + limit
        self.cells = np.flatnonzero(s.candidates)
        self.scale = np.median(s.couts[self.cells]) if self.cells.size else 1.0
        self.bound = 0.0
        lp = highspy.HighsLp()
        k = self.cells.size
        lp.num_col_ = k
        lp.col_cost_ = s.couts[self.cells] / self.scale
        lp.col_lower_, lp.col_upper_ = np.zeros(k), np.ones(k)
        self.solver = quiet_highs()
        self.solver.setOptionValue("mip_rel_gap", 0.0)
        self.solver.passModel(lp)
        self._never_alone()

    def _never_alone(self) -> None:
        """A masked candidate alone in a relation hides nothing: the cheapest mask has none."""
        relations = sp.csr_matrix(self.s.relations)
        for i in range(relations.shape[0]):
            line = relations.indices[relations.indptr[i] : relations.indptr[i + 1]]
            if self.s.cachees[line].any():
                continue
            for c in line:
                row = np.zeros(self.s.valeurs.size)
                row[line] = 1
                row[c] = -1
                self._add(row, 0.0)

    def _add(self, coefficients: np.ndarray, least: float) -> None:
        """coefficients @ mask >= least, over classes."""
        row = coefficients[self.cells]
        where = np.flatnonzero(row)
        self.solver.addRow(least, np.inf, where.size, where.astype(np.int32), row[where])

    def run(self) -> Solution:
        """Cuts on the relaxation, then on integer masks, until none is broken."""
        for _ in range(ROUNDS):
            mask = self._solve(whole=False)
            if mask is None:
                return self._stop("le programme relâché n'a pas de solution dans le délai")
            if not self._cut(mask)[1]:
                break
        while True:
            mask = self._solve(whole=True)
            if mask is None:
                return self._stop("délai atteint avant la preuve")
            broken, added = self._cut(mask)
            if time.perf_counter() > self.deadline:
                return self._stop("délai atteint avant la preuve")
            if not broken:
                return Solution(mask > 0.5, self.bound)
            if not added:
                # Without this, a loop that no longer progresses would pass for a proof.
                return self._stop(f"{broken} protections manquent et aucune coupe ne les exprime")

    def _stop(self, why: str) -> Solution:
        return Solution(None, self.bound, why)

    def _solve(self, whole: bool) -> np.ndarray | None:
        """(k,) mask over classes, hidden ones at 1: integer or relaxed."""
        left = self.deadline - time.perf_counter()
        if left <= 0:
            return None
        kind = highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous
        count = self.cells.size
        which = np.arange(count, dtype=np.int32)
        self.solver.changeColsIntegrality(count, which, np.full(count, int(kind), dtype=np.uint8))
        self.solver.setOptionValue("time_limit", float(self.solver.getRunTime() + left))
        self.solver.run()
        if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        info = self.solver.getInfo()
        self.bound = (info.mip_dual_bound if whole else info.objective_function_value) * self.scale
        mask = np.zeros(self.s.valeurs.size)
        mask[self.s.cachees] = 1
        values = np.clip(self.solver.getSolution().col_value, 0, 1)
        mask[self.cells] = np.round(values) if whole else values
        return mask

    def _cut(self, mask: np.ndarray) -> tuple[int, int]:
        """(requirements broken by the mask, cuts added)."""
        broken = added = 0
        for r in range(self.req.target.size):
            for sides, need in (((0,), self.req.need[r, 0]), ((1,), self.req.need[r, 1])):
                b, a = self._one(mask, r, sides, need)
                broken, added = broken + b, added + a
            if self.req.width[r] > self.req.need[r].sum():
                b, a = self._one(mask, r, (0, 1), self.req.width[r])
                broken, added = broken + b, added + a
            if time.perf_counter() > self.deadline:
                break
        return broken, added

    def _one(
        self, mask: np.ndarray, r: int, sides: tuple[int, ...], need: float
    ) -> tuple[int, int]:
        if need <= 0:
            return 0, 0
        program = self.blocks.around(int(self.req.target[r]), -1)
        reach, slope = 0.0, np.zeros(program.cells.size)
        for side in sides:
            move, price = program.cut(
                self.req.target[r],
                SIGN[side] * need,
                mask[program.cells],
                int(self.req.insider[r]),
            )
            reach, slope = reach + move, slope + price
        if reach >= ENOUGH:
            return 0, 0
        return 1, self._add_cut(mask, program.cells, reach, slope)

    def _add_cut(self, mask: np.ndarray, cells: np.ndarray, reach: float, slope: np.ndarray) -> int:
        """reach + slope @ (z - mask) >= 1, hidden cells moved to the right, truncated."""
        free = self.s.candidates[cells]
        least = 1 - reach + float(slope[free] @ mask[cells[free]])
        row = np.zeros(self.s.valeurs.size)
        # A 0/1 mask never needs more of one cell than the whole right-hand side.
        row[cells[free]] = np.minimum(slope[free], least)
        row[row < least * 1e-9] = 0
        if least <= 0 or not row.any() or row @ mask > least * (1 - BROKEN):
            return 0
        self._add(row / least, 1.0)
        return 1
