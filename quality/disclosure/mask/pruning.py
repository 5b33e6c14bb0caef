"""Un-masking what serves no requirement, until no secondary cell can be spared."""

from __future__ import annotations

from functools import partial

import numpy as np

from .classes import Systeme
from .lp_blocks import HIDDEN_COST, Progress, hidden_components
from .perturbations import Perturbations
from .requirements import ENOUGH, SIGN, Requirements


def prune(
    s: Systeme, req: Requirements, masked: np.ndarray, avance: Progress | None = None
) -> None:
    """Dearest first, each secondary class is shown again if all requirements still hold.

    Each test is exact (a program on all the cells connected under the mask), so the mask left is
    minimal: a cell kept early stays needed, since later masks are smaller.
    """
    hidden = masked | s.cachees
    component = hidden_components(s, hidden)
    order = np.flatnonzero(masked & s.candidates)
    order = order[np.argsort(-s.couts[order], kind="stable")]
    members = np.flatnonzero(hidden)
    members = members[np.argsort(component[members], kind="stable")]
    cuts = component[members]
    programs: dict[int, Perturbations] = {}
    using = _users_of_proofs(req)
    for done, c in enumerate(order.tolist()):
        home = int(component[c])
        if home not in programs:
            cells = members[slice(*np.searchsorted(cuts, [home, home + 1]))]
            programs[home] = Perturbations(s, cells)
        _spare(s, req, masked, programs[home], c, using)
        if avance:
            avance(done + 1, order.size)


def _users_of_proofs(req: Requirements) -> dict[int, set[int]]:
    using: dict[int, set[int]] = {}
    for r in range(req.target.size):
        for side in (0, 1):
            if req.proof[r, side] >= 0:
                using.setdefault(int(req.proof[r, side]), set()).add(r)
    return using


def _spare(
    s: Systeme,
    req: Requirements,
    masked: np.ndarray,
    program: Perturbations,
    c: int,
    using: dict[int, set[int]],
) -> bool:
    """Show class c again if each requirement proved through it can be proved without it."""
    masked[c] = False
    gone = req.users.get(c, set())
    touched = list({r for number in gone for r in using.get(number, ())})
    # Shortest proof first: fewest ways around, so a needed class is found out by one program.
    touched = sorted(touched, key=lambda r: (req.proofs[req.proof[r].max()].cells.size, r))
    before = (req.reach[touched].copy(), req.proof[touched].copy())
    for r in touched:
        for side in (0, 1):
            if int(req.proof[r, side]) in gone:
                req.reach[r, side], req.proof[r, side] = 0, -1
    fresh: list[int] = []
    price = np.where(s.candidates[program.cells], s.couts[program.cells], 0)
    price = np.maximum(price, HIDDEN_COST * max(price.max(initial=0), HIDDEN_COST))
    for r in touched:
        if not req.met(r) and not _prove(s, req, masked, program, r, price, fresh):
            masked[c] = True
            # Proofs found on the way do not move c: they stay valid, and stay credited.
            worse = req.reach[touched] < before[0]
            req.reach[touched] = np.where(worse, before[0], req.reach[touched])
            req.proof[touched] = np.where(worse, before[1], req.proof[touched])
            _note(req, using, fresh, touched)
            return False
    _note(req, using, fresh, touched)
    return True


def _note(
    req: Requirements, using: dict[int, set[int]], fresh: list[int], touched: list[int]
) -> None:
    cells = [req.proofs[number].cells for number in fresh]
    seen = set(touched)
    if cells:
        for t in np.unique(np.concatenate(cells)).tolist():
            seen.update(req.of(t).tolist())
    for r in seen:
        for side in (0, 1):
            if req.proof[r, side] >= 0:
                using.setdefault(int(req.proof[r, side]), set()).add(r)


def _prove(
    s: Systeme,
    req: Requirements,
    masked: np.ndarray,
    program: Perturbations,
    r: int,
    price: np.ndarray,
    fresh: list[int],
) -> bool:
    cells, target = program.cells, int(req.target[r])
    frozen = (s.candidates & ~masked)[cells] | (cells == req.insider[r])
    for side in (0, 1):
        need = req.need[r, side]
        if req.reach[r, side] < need * ENOUGH:
            found = program.cheapest(target, SIGN[side] * need, price, frozen)
            if found is None:
                return False
            fresh.append(req.credit(*found))
    # One side alone first: a plain feasibility question, three times quicker than a maximum.
    for ask in (partial(program.cheapest, costs=price), program.furthest):
        for side in (0, 1):
            if req.met(r):
                return True
            lacking = req.width[r] - req.reach[r].sum()
            amount = SIGN[side] * (req.reach[r, side] + lacking)
            found = ask(target, amount, frozen=frozen)
            if found is not None:
                fresh.append(req.credit(*found))
    return bool(req.met(r))
