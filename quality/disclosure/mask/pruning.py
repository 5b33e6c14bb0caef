"""Un-masking what serves no requirement, until no secondary cell can be spared."""

from __future__ import annotations

from functools import partial

import numpy as np

from .classes import Systeme
from .lp_blocks import HIDDEN_COST, Progress, hidden_components
from .perturbations import Perturbations
from .propagation import Bounds
from .requirements import ENOUGH, SIGN, Requirements
from .shared_proofs import WORTH, SharedProofs

#: Classes that programs may hold, all questions added up: some 30 s of one core. Time itself would
#: give another mask on another machine.
EFFORT = 6_000_000


def prune(s: Systeme, req: Requirements, masked: np.ndarray, avance: Progress | None = None) -> int:
    """Dearest first, each secondary class is shown again if all requirements still hold.

    Each test is exact: a class is kept because sums alone need it (`Bounds`) or because a program
    on all the cells connected under the mask has no solution without it. So the mask left is
    minimal, and depends on the order alone: a class kept early stays needed, since later masks are
    smaller. Unless the effort ends first: the number of classes, the cheapest, that were not tried.
    """
    hidden, spent = masked | s.cachees, 0
    component = hidden_components(s, hidden)
    order = np.flatnonzero(masked & s.candidates)
    order = order[np.argsort(-s.couts[order], kind="stable")]
    members = np.flatnonzero(hidden)
    members = members[np.argsort(component[members], kind="stable")]
    cuts = component[members]
    homes: dict[int, _Home] = {}
    bounds = Bounds(s, hidden)
    for done, c in enumerate(order.tolist()):
        home = int(component[c])
        if home not in homes:
            cells = members[slice(*np.searchsorted(cuts, [home, home + 1]))]
            homes[home] = _Home(s, req, masked, cells)
        if spent > EFFORT:
            return order.size - done
        spent -= homes[home].effort
        tightened = bounds.show(c)
        if _short(req, bounds, tightened) or not homes[home].spare(c):
            bounds.back()
        spent += homes[home].effort
        if avance:
            avance(done + 1, order.size)
    return 0


def _short(req: Requirements, bounds: Bounds, classes: np.ndarray) -> bool:
    """Whether sums alone leave one of these classes less than is asked for it."""
    for c in classes.tolist():
        high, low = bounds.high[c], -bounds.low[c]
        for r in req.of(c):
            need, width = req.need[r] * ENOUGH, req.width[r] * ENOUGH
            if high < need[0] * ENOUGH or low < need[1] * ENOUGH or high + low < width * ENOUGH:
                return True
    return False


class _Home:
    """The classes that are tied under the mask, with the programs that prove what they need."""

    def __init__(
        self, s: Systeme, req: Requirements, masked: np.ndarray, cells: np.ndarray
    ) -> None:
        self.s, self.req, self.masked = s, req, masked
        self.program = Perturbations(s, cells)
        self.numbers = np.flatnonzero(np.isin(req.target, cells))
        self._questions = 0
        self.shared = SharedProofs(s, req, cells) if cells.size >= WORTH else None

    @property
    def effort(self) -> int:
        """Questions asked of the programs, times their classes."""
        shared = self.shared.questions if self.shared else 0
        return (shared + self._questions) * self.program.cells.size

    def spare(self, c: int) -> bool:
        """Show class c again if each requirement proved through it can be proved without it."""
        req = self.req
        gone = req.through(c, self.numbers)
        touched, gone = self.numbers[gone.any(axis=1)], gone[gone.any(axis=1)]
        before = req.reach[touched], req.proof[touched]
        self.masked[c] = False
        req.reach[touched] = np.where(gone, 0, before[0])
        req.proof[touched] = np.where(gone, -1, before[1])
        if self.shared:
            self.shared.show(c)
            self.shared.mend()
        left = touched[~np.asarray(req.met(touched))].tolist()
        far: dict[int, float] = {}
        if self.shared:
            cells = self.program.cells
            shown = cells[(self.s.candidates & ~self.masked)[cells]]
            far = self.shared.gather([r for r in left if req.insider[r] < 0], shown)
        # The farthest from what it needs first, then the shortest proof, that has fewest ways
        # around: a needed class is found out by few programs.
        size = dict(zip(touched.tolist(), before[1].max(axis=1).tolist(), strict=True))
        for r in sorted(left, key=lambda r: (far.get(r, 1.0), req.proofs[size[r]].cells.size)):
            if not req.met(r) and not self._prove(r):
                self.masked[c] = True
                # Proofs found on the way do not move c: they stay valid, and stay credited.
                worse = req.reach[touched] < before[0]
                req.reach[touched] = np.where(worse, before[0], req.reach[touched])
                req.proof[touched] = np.where(worse, before[1], req.proof[touched])
                if self.shared:
                    self.shared.hide(c)
                return False
        return True

    def _prove(self, r: int) -> bool:
        s, req, program = self.s, self.req, self.program
        cells, target = program.cells, int(req.target[r])
        price = np.where(s.candidates[cells], s.couts[cells], 0)
        price = np.maximum(price, HIDDEN_COST * max(price.max(initial=0), HIDDEN_COST))
        frozen = (s.candidates & ~self.masked)[cells] | (cells == req.insider[r])
        for side in (0, 1):
            need = req.need[r, side]
            if req.reach[r, side] < need * ENOUGH:
                self._questions += 1
                found = program.cheapest(target, SIGN[side] * need, price, frozen)
                if found is None:
                    return False
                req.credit(*found)
        # One side alone first: a plain feasibility question, three times quicker than a maximum.
        for ask in (partial(program.cheapest, costs=price), program.furthest):
            for side in (0, 1):
                if req.met(r):
                    return True
                lacking = req.width[r] - req.reach[r].sum()
                amount = SIGN[side] * (req.reach[r, side] + lacking)
                self._questions += 1
                found = ask(target, amount, frozen=frozen)
                if found is not None:
                    req.credit(*found)
        return bool(req.met(r))
