"""Rounding that is the same each time: one offset for a row, kept from one table to the next.

`controlled` draws again for each table, and two draws of one count show both its neighbours. Here
the running sums of a row, its offset added, are cut to the multiple below: what is printed of a
cell is the step from one to the next. Sums hold, each figure is one of the two multiples around
its count, and over all offsets it is that count on average. Whatever is printed could itself be
the truth (with an offset of 0): no reader can prove that a count is not what he reads.
"""

from __future__ import annotations

import numpy as np

from ..refused import DisclosureError


def steady(counts: np.ndarray, base: int, offsets: np.ndarray) -> np.ndarray:
    """(m, n) multiples of the base, the sum of each row that of its own rounded total.

    Args:
        counts: (m, n) whole numbers, at least 0; columns in an order that never changes.
        offsets: (m,) from 0 to base - 1, drawn once for each row and never told.

    Raises:
        DisclosureError: a base under 2, a count under 0, an offset out of its bounds.
    """
    if base < 2 or (counts < 0).any() or (offsets < 0).any() or (offsets >= base).any():
        raise DisclosureError(
            "ces effectifs ne s'arrondissent pas ainsi",
            attendu="une base d'au moins 2, des effectifs d'au moins 0, des décalages sous la base",
        )
    running = np.cumsum(counts, axis=1) + offsets[:, None]
    cut = running // base * base
    return np.diff(cut, axis=1, prepend=0)
