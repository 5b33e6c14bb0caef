"""The one door of the masking engine: a tableau in, a mask out, by the method asked."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from quality.secrecy import gauss
from quality.secrecy.classes import Systeme, masque_des_classes, regrouper
from quality.secrecy.lp_blocks import Blocks, protect
from quality.secrecy.problem import CANDIDATE, Masque, Tableau
from quality.secrecy.pruning import prune
from quality.secrecy.requirements import Requirements


def masquer(
    tableau: Tableau,
    methode: str = "lp",
    precedent: np.ndarray | None = None,
    avance: Callable[[int, int], None] | None = None,
) -> Masque:
    """The mask of `tableau`. `methode`: `lp` (intervals), `gauss` (no exact recovery), `exact`.

    `precedent` (n,) bool, the last release's masked cells: cheaper to mask again. `avance` is told
    (done, total) as requirements are met.
    """
    start = time.perf_counter()
    s = regrouper(tableau)
    if methode == "gauss":
        masked, lost = gauss.eliminer(s)
        return _masque(tableau, s, masked, lost, np.zeros(0, dtype=int), methode, start)
    best = None
    for first in (np.zeros(s.valeurs.size, dtype=bool), gauss.eliminer(s)[0]):
        masked, req = first.copy(), Requirements(s)
        targets = np.flatnonzero(s.sensibles)
        numbers = req.ask(
            targets,
            np.full(targets.size, -1),
            np.stack([s.haute[targets], s.basse[targets]], axis=1),
            s.largeur[targets],
        )
        protect(s, req, masked, Blocks(s), numbers, avance)
        prune(s, req, masked, avance)
        cost = s.couts[masked].sum()
        if best is None or cost < best[0]:
            best = (cost, masked, req)
    _, masked, req = best
    return _masque(tableau, s, masked, req.target[req.lost], req.target[req.slid], methode, start)


def _masque(
    t: Tableau,
    s: Systeme,
    masked: np.ndarray,
    lost: np.ndarray,
    slid: np.ndarray,
    methode: str,
    start: float,
) -> Masque:
    hidden = masque_des_classes(t, s, masked | s.sensibles) | (t.sensibles & (t.statuts == 1))
    secondary = hidden & (t.statuts == CANDIDATE)
    unprotected = np.flatnonzero(t.sensibles & np.isin(s.de_cellule, lost))
    return Masque(
        masquees=hidden,
        secondaires=secondary,
        non_protegees=np.union1d(unprotected, s.perdues),
        methode=methode,
        duree=time.perf_counter() - start,
        cout=float(t.couts[secondary].sum()),
        glissees=np.flatnonzero(t.sensibles & np.isin(s.de_cellule, slid)),
    )
