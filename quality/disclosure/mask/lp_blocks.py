"""Masking by linear programs: for each sensitive cell and side, the cheapest cells to add.

Blocks first (labels of the tableau), then wider and wider neighbourhoods, then the whole connected
system. What a block does not hold stays as it is in its programs: proofs are valid everywhere.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from .classes import Systeme
from .perturbations import Perturbations
from .requirements import DOWN, ENOUGH, SIGN, UP, Requirements

Progress = Callable[[int, int], None]
#: Widening: shared relations crossed before the whole system is tried. Fewer than 4 do not reach
#: another département, and would leave only whole regions and France to mask.
HOPS = (4,)
#: Programs kept for the questions to come, which go block after block: one holds some megabytes.
KEPT = 16
#: Hidden cells cost next to nothing, not nothing: proofs stay short, and share few cells.
HIDDEN_COST = 1e-4
#: A second program divides costs by the moves of the first: small moves are gathered in fewer
#: cells. This share of the amount keeps the division finite.
GATHER = 0.02


class Blocks:
    """Programs by block, made when first needed; the last ones are kept."""

    def __init__(self, s: Systeme) -> None:
        self.s = s
        self.links = hidden_links(s, ~s.connues)
        self.links.eliminate_zeros()
        self._rows_of = self.links.tocsc()
        self.component = hidden_components(s, ~s.connues)
        self.label = s.blocs if (s.blocs >= 0).any() else self.component
        self.made: OrderedDict[tuple[int, int], Perturbations] = OrderedDict()
        order = np.argsort(self.label, kind="stable")
        self._order, self._sorted = order, self.label[order]

    def around(self, target: int, hops: int) -> Perturbations:
        """The block of `target`, widened by `hops` shared relations (-1: all that is connected)."""
        key = (int(self.label[target]), hops) if self.label[target] >= 0 else (-1 - target, hops)
        if hops < 0:
            key = (-1 - int(self.component[target]), -1)
        if key not in self.made:
            self.made[key] = Perturbations(self.s, self._cells(target, hops))
            if len(self.made) > KEPT:
                self.made.popitem(last=False)
        self.made.move_to_end(key)
        return self.made[key]

    def _cells(self, target: int, hops: int) -> np.ndarray:
        if hops < 0:
            return np.flatnonzero((self.component == self.component[target]) & ~self.s.connues)
        label = self.label[target]
        if label < 0:
            cells = np.array([target], dtype=np.int64)
        else:
            cells = np.sort(self._order[slice(*np.searchsorted(self._sorted, [label, label + 1]))])
        for _ in range(hops):
            rows = _touched(self._rows_of, cells)
            cells = np.union1d(cells, _touched(self.links, rows))
        return cells[~self.s.connues[cells]]

    @property
    def widths(self) -> list[int]:
        """The hops worth trying, widest last."""
        return [0, *HOPS, -1] if (self.s.blocs >= 0).any() else [-1]


def _touched(matrix: sp.csr_matrix | sp.csc_matrix, at: np.ndarray) -> np.ndarray:
    """The columns of these rows of a CSR matrix, or the rows of these columns of a CSC one."""
    starts, count = matrix.indptr[at], np.diff(matrix.indptr)[at]
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.unique(matrix.indices[np.repeat(starts, count) + offset])


def hidden_links(s: Systeme, hidden: np.ndarray) -> sp.csr_matrix:
    """0/1 (relation or inequality, class), hidden classes only."""
    links = sp.vstack([s.relations, s.inegalites]).tocsr()
    links.data = np.ones(links.nnz)
    return (links @ sp.diags_array(hidden.astype(float))).tocsr()


def hidden_components(s: Systeme, hidden: np.ndarray) -> np.ndarray:
    """(k,) component of each class when only `hidden` ones may move."""
    links = hidden_links(s, hidden)
    links.eliminate_zeros()
    m = links.shape[0]
    if not m:
        return np.arange(s.valeurs.size)
    graph = sp.block_array([[None, links], [links.T, None]])
    return connected_components(graph, directed=False)[1][m:]


def protect(
    s: Systeme,
    req: Requirements,
    masked: np.ndarray,
    blocks: Blocks,
    numbers: np.ndarray,
    avance: Progress | None = None,
) -> None:
    """Add to `masked` (k,) what requirements `numbers` lack; those no block can meet are `lost`."""
    size = np.maximum(req.need[numbers].max(axis=1, initial=0), req.width[numbers])
    block = blocks.label[req.target[numbers]]
    order = numbers[np.lexsort((-size, block))]
    waiting = [int(r) for r in order if not req.met(r)]
    done = numbers.size - len(waiting)
    for hops in blocks.widths:
        left = []
        for r in waiting:
            if not req.met(r) and not _raise(s, req, masked, blocks.around(req.target[r], hops), r):
                left.append(r)
                continue
            done += 1
            if avance:
                avance(done, numbers.size)
        waiting = left
    for r in waiting:
        _slide(s, req, masked, blocks.around(req.target[r], -1), r)


def _frozen(s: Systeme, req: Requirements, program: Perturbations, r: int) -> np.ndarray:
    frozen = s.connues[program.cells].copy()
    if req.insider[r] >= 0:
        frozen |= program.cells == req.insider[r]
    return frozen


def _find(
    s: Systeme, req: Requirements, masked: np.ndarray, program: Perturbations, r: int, amount: float
) -> tuple[float, np.ndarray, np.ndarray] | None:
    """Cost of the cells to add, classes and moves of the best perturbation found."""
    cells, target = program.cells, req.target[r]
    if abs(amount) <= 0:
        return None
    shown = s.candidates[cells] & ~masked[cells]
    price = np.where(shown, s.couts[cells], HIDDEN_COST)
    scale = s.couts[cells][s.candidates[cells]].min(initial=np.inf)
    price[~shown] *= scale if np.isfinite(scale) else 1
    reachable = np.maximum(program.rise, program.fall) / abs(amount)
    price = price / np.clip(reachable, 1e-3, 1)
    frozen = _frozen(s, req, program, r)
    best = None
    for _ in range(2):
        found = program.cheapest(target, amount, price, frozen)
        if found is None:
            return best
        support, moves = found
        new = s.candidates[support] & ~masked[support]
        cost = float(s.couts[support][new].sum())
        if best is None or cost < best[0]:
            best = (cost, support, moves)
        if not new.any():
            break
        size = np.zeros(s.valeurs.size)
        size[support] = np.abs(moves) / abs(amount)
        price = np.where(shown, s.couts[cells] / (size[cells] + GATHER), price)
    return best


def _keep(s: Systeme, req: Requirements, masked: np.ndarray, found: tuple) -> None:
    _, support, moves = found
    masked[support[s.candidates[support]]] = True
    req.credit(support, moves)


def _raise(
    s: Systeme, req: Requirements, masked: np.ndarray, program: Perturbations, r: int
) -> bool:
    """Meet requirement r within a program; False if it cannot."""
    for side in (UP, DOWN):
        need = req.need[r, side]
        if req.reach[r, side] < need * ENOUGH:
            found = _find(s, req, masked, program, r, SIGN[side] * need)
            if found is None:
                return False
            _keep(s, req, masked, found)
    lacking = req.width[r] - req.reach[r].sum()
    if req.met(r):
        return True
    options = [
        found
        for side in (UP, DOWN)
        if (found := _find(s, req, masked, program, r, SIGN[side] * (req.reach[r, side] + lacking)))
    ]
    if not options:
        return False
    _keep(s, req, masked, min(options, key=lambda option: option[0]))
    return bool(req.met(r))


def _slide(
    s: Systeme, req: Requirements, masked: np.ndarray, program: Perturbations, r: int
) -> None:
    """A side that nothing can reach is asked of the other; what neither gives is lost."""
    asked = req.need[r].sum()
    frozen = _frozen(s, req, program, r)
    for side in (UP, DOWN):
        need = req.need[r, side]
        if req.reach[r, side] < need * ENOUGH:
            found = program.furthest(req.target[r], SIGN[side] * need, frozen)
            far = 0.0
            if found is not None:
                cells, moves = found
                far = min(need, abs(moves[cells == req.target[r]][0]))
            if far < need * ENOUGH:
                req.need[r, side] = far * ENOUGH
                req.width[r] = max(req.width[r], asked)
                req.slid[r] = True
    if _raise(s, req, masked, program, r):
        return
    ends = [program.furthest(req.target[r], sign * (req.width[r] or 1.0), frozen) for sign in SIGN]
    reach = [0.0 if e is None else abs(e[1][e[0] == req.target[r]][0]) for e in ends]
    req.need[r] = np.minimum(req.width[r], reach) * ENOUGH
    if sum(reach) < req.width[r] * ENOUGH or not req.width[r]:
        req.lost[r] = True
        req.width[r] = 0
    _raise(s, req, masked, program, r)
