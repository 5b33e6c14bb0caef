"""Single contributors: whoever is alone in a masked cell knows it, and must not learn another one.

For each hidden class with one contributor and each sensitive class tied to it under the mask, the
sensitive value must stay open when the first one is known: this is the virtual sum cell of τ-Argus
(their sum is not to be found), asked as an interval.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from .classes import Systeme
from .lp_blocks import Blocks, Progress, hidden_components, protect
from .requirements import Requirements

#: What an insider must not get: half of the width asked against outsiders, or a tenth of the
#: protections. Counts asked 2 wide stay 1 wide, amounts asked at ±10 % stay open by 2 %.
WIDTH_SHARE, PROTECTION_SHARE = 0.5, 0.1
#: Counts this near are the same.
SAME = 1e-6


def protect_from_insiders(
    s: Systeme,
    req: Requirements,
    masked: np.ndarray,
    blocks: Blocks,
    avance: Progress | None = None,
) -> None:
    """Add the requirements of insiders, and the classes they need, until no new pair appears."""
    while (numbers := ask_insiders(s, req, masked)).size:
        protect(s, req, masked, blocks, numbers, avance)
        lost = numbers[req.lost[numbers]].tolist()
        req.lost[[r for r in lost if _is_himself(s, int(req.insider[r]), int(req.target[r]))]] = (
            False
        )


def _is_himself(s: Systeme, insider: int, target: int) -> bool:
    """Whether one of two cells of one unit is in the other: that unit learns nothing.

    Whole - part >= target says that the rest of the whole holds the target. Where that rest is a
    cell, of one unit, he who knows it is the one that the target counts.
    """
    if s.contributeurs[insider] != 1 or s.contributeurs[target] != 1:
        return False
    #: At least 0, and exactly 0: a figure that is known besides would let in someone else.
    limits = [(s.inegalites[[row]], row) for row in _rows_of(s.inegalites_par_cellule, target)]
    forms = [f for f, row in limits if abs((f @ s.valeurs)[0] + s.marge_basse[row]) < SAME]
    sums = [s.relations[[row]] for row in _rows_of(s.par_cellule, insider)]
    sums = [one for one in sums if abs((one @ s.valeurs)[0]) < SAME]
    for form in forms:
        for one in (
            form,
            *(form - one * (one[0, insider] * sign) for one in sums for sign in (1, -1)),
        ):
            held = dict(zip(one.indices.tolist(), one.data.tolist(), strict=True))
            up, down = held.pop(insider, 0.0), held.pop(target, 0.0)
            if up > 0 and up == -down and max(held.values(), default=0.0) <= 0:
                return True
    return False


def _rows_of(matrix: sp.csc_matrix, column: int) -> np.ndarray:
    return matrix.indices[matrix.indptr[column] : matrix.indptr[column + 1]]


def ask_insiders(s: Systeme, req: Requirements, masked: np.ndarray) -> np.ndarray:
    """The numbers of new requirements: pairs that `masked` ties and that were not asked yet."""
    width = np.maximum(WIDTH_SHARE * s.largeur, PROTECTION_SHARE * (s.basse + s.haute))
    insider, target = _pairs(s, masked)
    size = s.valeurs.size
    new = (width[target] > 0) & ~np.isin(insider * size + target, req.insider * size + req.target)
    insider, target = insider[new], target[new]
    return req.ask(target, insider, np.zeros((target.size, 2)), width[target])


def _pairs(s: Systeme, masked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(insider class, sensitive class) tied under the mask."""
    hidden = masked | s.cachees
    component = hidden_components(s, hidden)
    alone = np.flatnonzero(hidden & (s.contributeurs == 1))
    sensitive = np.flatnonzero(s.sensibles)
    sensitive = sensitive[np.argsort(component[sensitive], kind="stable")]
    starts = np.searchsorted(component[sensitive], component[alone])
    stops = np.searchsorted(component[sensitive], component[alone], side="right")
    count = stops - starts
    insider = np.repeat(alone, count)
    offset = np.arange(insider.size) - np.repeat(np.cumsum(count) - count, count)
    target = sensitive[np.repeat(starts, count) + offset]
    other = insider != target
    return insider[other], target[other]
