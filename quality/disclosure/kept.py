"""Masked, attacked with all that readers know, masked again with what broke, until nothing does.

The engine is given the inequalities that are near enough to bind; the attack has all of them. Those
that a reader uses are then given to the engine too.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import scipy.sparse as sp

from .audit.system import Protection, System
from .audit.verdict import Constat, audit
from .mask.problem import LIBRE, PRIMAIRE, VIRTUELLE, Masque, Tableau
from .mask.suppress import suppress

#: Masked and attacked so many times at most; what is still broken cannot be protected.
ROUNDS = 8


def mask_until_kept(
    tableau: Tableau,
    limites: sp.csr_matrix,
    proches: np.ndarray,
    precedent: np.ndarray | None = None,
) -> Masque:
    """The mask of a tableau that no reader breaks; what none protects is among `non_protegees`.

    Args:
        tableau: its own inequalities aside.
        limites: (k, n) forms that readers know to be 0 or more; proches: (k,) bool: those that the
            engine is given at once.
        precedent: see `suppress`.
    """
    near = proches.copy()
    for _ in range(ROUNDS):
        found = suppress(_with(tableau, limites, near), precedent=precedent)
        broken = _broken(tableau, limites, found)
        if not broken:
            return found
        used = np.array([int(n) for c in broken for n in c.relations if n], dtype=np.int64)
        if near[used].all():
            # Nothing that the engine does not know: it must leave more room.
            cells = [c.cellule for c in broken]
            tableau = _give_room(tableau, np.array(cells, dtype=np.int64))
        near[used] = True
    lost = [c.cellule for c in broken]
    return replace(found, non_protegees=np.union1d(found.non_protegees, lost).astype(np.int64))


def _with(tableau: Tableau, limits: sp.csr_matrix, rows: np.ndarray) -> Tableau:
    """The tableau with these inequalities: each is 0 or more."""
    kept = limits[np.flatnonzero(rows)]
    return replace(
        tableau,
        inegalites=kept,
        inegalites_bas=np.zeros(kept.shape[0]),
        inegalites_haut=np.full(kept.shape[0], np.inf),
    )


def _give_room(tableau: Tableau, cells: np.ndarray) -> Tableau:
    above, width = tableau.protection_haute.copy(), tableau.largeur.copy()
    above[cells] += 1
    width[cells] += 1
    return replace(tableau, protection_haute=above, largeur=width)


def _broken(tableau: Tableau, limits: sp.csr_matrix, mask: Masque) -> list[Constat]:
    """Protected cells that a reader of the rest knows too well, but those given up for lost."""
    hidden = mask.masquees | np.isin(tableau.statuts, (VIRTUELLE, LIBRE))
    cells = np.flatnonzero(hidden)
    if not cells.size:
        return []
    v = tableau.valeurs
    relations, rhs, _ = _unknown(tableau.relations, v, hidden)
    ranges, low, numbers = _unknown(limits, v, hidden)
    lost = set(mask.non_protegees.tolist())
    protections = {
        at: Protection(plafond_min=float(v[cell] + tableau.protection_haute[cell]))
        for at, cell in enumerate(cells.tolist())
        if tableau.statuts[cell] in (PRIMAIRE, VIRTUELLE) and cell not in lost
    }
    system = System(
        noms=[""] * cells.size,
        lower=tableau.bas[cells],
        upper=tableau.haut[cells],
        integer=np.ones(cells.size, dtype=bool),
        relations=relations,
        rhs=rhs,
        noms_relations=[""] * len(rhs),
        ranges=ranges,
        low=low,
        high=np.full(len(low), np.inf),
        noms_ranges=[str(number) for number in numbers.tolist()],
        protections=protections,
    )
    exposed = audit(system, complet=False).exposes
    return [replace(c, cellule=int(cells[c.cellule])) for c in exposed]


def _unknown(
    matrix: sp.csr_matrix, values: np.ndarray, hidden: np.ndarray
) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    """Rows that hold a hidden cell, over these alone; what the known ones leave; their numbers."""
    free = matrix[:, np.flatnonzero(hidden)]
    rows = np.flatnonzero(np.diff(free.indptr))
    left = -(matrix @ np.where(hidden, 0.0, values))
    return free[rows], left[rows], rows
