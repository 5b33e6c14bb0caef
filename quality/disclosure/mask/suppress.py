"""The one door of the masking engine: a tableau in, a mask out, by the method asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..mask import gauss
from ..refused import DisclosureError
from .cheapest import cheapest_mask
from .classes import Systeme, masque_des_classes, merge_equal_cells
from .insider_protection import ask_insiders, protect_from_insiders
from .lp_blocks import Blocks, protect
from .problem import CANDIDATE, PRIMAIRE, Masque, Tableau
from .pruning import prune
from .requirements import Requirements

METHODES = ("lp", "gauss", "exact")
DELAI = 120.0  #: seconds
DISCOUNT = 0.5  #: of the cost of a cell that the last release masked


def suppress(
    tableau: Tableau,
    methode: str = "lp",
    precedent: np.ndarray | None = None,
    delai: float = DELAI,
    avance: Callable[[int, int], None] | None = None,
) -> Masque:
    """The mask of `tableau`. `methode`: `lp` (intervals), `gauss` (no exact recovery), `exact`.

    `precedent` (n,) bool, the last release's masked cells: cheaper to mask again. `avance` is told
    (done, total) as requirements are met. `delai`: seconds that `exact` may take; beyond, the mask
    is that of `lp` and `remarques` says so. Raises DisclosureError on an unknown method.
    """
    start = time.perf_counter()
    if methode not in METHODES:
        raise DisclosureError(
            f"La méthode de masquage « {methode} » est inconnue",
            attendu=", ".join(METHODES),
            faire="choisir une de ces méthodes",
        )
    s = merge_equal_cells(tableau)
    steps = _Steps({"classes": time.perf_counter() - start})
    if precedent is not None:
        discount = _discount(tableau, s, np.asarray(precedent, dtype=bool))
        s = replace(s, couts=s.couts * discount, rang=s.rang * discount)
    if methode == "gauss":
        masked, lost = gauss.eliminate(s)
        steps.ends("élimination")
        req = Requirements(s)
        mask = _masque(tableau, s, masked, lost, req, methode, start)
    else:
        masked, req, blocks, notes = _by_programs(s, steps, avance)
        if methode == "lp":
            lost = req.target[req.lost]
            mask = _masque(tableau, s, masked, lost, req, methode, start, remarques=notes)
        else:
            mask = _proved(tableau, s, masked, req, blocks, delai, start)
            steps.ends("optimum")
    return replace(mask, durees=steps.seconds)


class _Steps:
    """Seconds of each step, in order."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self._since = seconds, time.perf_counter()

    def ends(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step], self._since = now - self._since, now


def _discount(t: Tableau, s: Systeme, before: np.ndarray) -> np.ndarray:
    kept = np.bincount(s.de_cellule[before & (t.statuts == CANDIDATE)], minlength=s.valeurs.size)
    return np.where(kept > 0, DISCOUNT, 1.0)


def _by_programs(
    s: Systeme, steps: _Steps, avance: Callable[[int, int], None] | None
) -> tuple[np.ndarray, Requirements, Blocks, tuple[str, ...]]:
    """The mask of `lp`, its proofs, the programs that found them, and what it leaves."""
    masked, req, blocks = np.zeros(s.valeurs.size, dtype=bool), Requirements(s), Blocks(s)
    targets = np.flatnonzero(s.sensibles)
    numbers = req.ask(
        targets,
        np.full(targets.size, -1),
        np.stack([s.haute[targets], s.basse[targets]], axis=1),
        s.largeur[targets],
    )
    protect(s, req, masked, blocks, numbers, avance)
    steps.ends("protection")
    protect_from_insiders(s, req, masked, blocks, avance)
    steps.ends("contributeurs seuls")
    left = prune(s, req, masked, avance)
    steps.ends("élagage")
    note = (
        f"Élagage arrêté avant sa fin : {left} cellules secondaires, les moins chères, sont "
        "peut-être de trop ; le masque tient. Pour en masquer moins : regrouper des modalités, ou "
        "masquer à part des tableaux de quelques centaines de cases, par la méthode exacte."
    )
    return masked, req, blocks, (note,) if left else ()


def _proved(
    t: Tableau,
    s: Systeme,
    masked: np.ndarray,
    req: Requirements,
    blocks: Blocks,
    limit: float,
    start: float,
) -> Masque:
    """The optimal mask, or that of `lp` and why."""
    lost = req.target[req.lost]
    end = time.perf_counter() + limit
    while True:
        found = cheapest_mask(s, req, blocks, end - time.perf_counter())
        if found.masked is None:
            note = f"Méthode exacte abandonnée : {found.why}. Le masque est celui de « lp »."
            return _masque(t, s, masked, lost, req, "lp", start, remarques=(note,))
        numbers = ask_insiders(s, req, found.masked)
        if not numbers.size:
            best = found.masked & s.candidates
            return _masque(t, s, best, lost, req, "exact", start, optimal=True)


def _masque(
    t: Tableau,
    s: Systeme,
    masked: np.ndarray,
    lost: np.ndarray,
    req: Requirements,
    methode: str,
    start: float,
    optimal: bool = False,
    remarques: tuple[str, ...] = (),
) -> Masque:
    hidden = masque_des_classes(t, s, masked | s.sensibles) | (t.statuts == PRIMAIRE)
    secondary = hidden & (t.statuts == CANDIDATE)
    return Masque(
        masquees=hidden,
        secondaires=secondary,
        non_protegees=np.union1d(
            np.flatnonzero(t.sensibles & np.isin(s.de_cellule, lost)), s.perdues
        ),
        methode=methode,
        duree=time.perf_counter() - start,
        cout=float(t.couts[secondary].sum()),
        glissees=np.flatnonzero(t.sensibles & np.isin(s.de_cellule, req.target[req.slid])),
        optimal=optimal,
        remarques=remarques,
    )
