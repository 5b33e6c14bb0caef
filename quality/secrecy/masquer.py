"""The one door of the masking engine: a tableau in, a mask out, by the method asked."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from quality.secrecy.problem import Masque, Tableau


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
    raise NotImplementedError
