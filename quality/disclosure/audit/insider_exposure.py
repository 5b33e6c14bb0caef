"""Insiders: the only contributor of a masked cell knows it. What does that give him of others?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from .recovery import Exact
from .system import System


@dataclass(frozen=True)
class Insider:
    """`cellule` is recovered exactly by whoever knows the value of `initie`."""

    cellule: int
    initie: int


def exposed_to_insiders(system: System, exact: Exact) -> Iterator[Insider]:
    """Each protected cell that the only contributor of another one recovers.

    Knowing one cell gives exactly the cells of its class in `exact.together`: one pass stands for
    a run per insider. Copies of his own cell (a relation x - y = 0) are not disclosures.
    """
    copies = _copies(system)
    by_class: dict[int, list[int]] = {}
    for cell in sorted(system.seuls):
        if exact.together[cell] >= 0:
            by_class.setdefault(int(exact.together[cell]), []).append(cell)
    for cell in system.protections:
        for insider in by_class.get(int(exact.together[cell]), ()):
            if copies[insider] != copies[cell]:
                yield Insider(cell, insider)
                break


def _copies(system: System) -> np.ndarray:
    """(n,) label of the cells that relations of two terms make equal, or one in another unit."""
    a = system.relations
    pairs = np.flatnonzero((np.diff(a.indptr) == 2) & (system.rhs == 0))
    first, second = a.indptr[pairs], a.indptr[pairs] + 1
    same = (a.data[first] == -a.data[second]) | np.isin(pairs, [*system.memes])
    n = len(system.noms)
    links = sp.csr_matrix(
        (np.ones(same.sum()), (a.indices[first[same]], a.indices[second[same]])), shape=(n, n)
    )
    return connected_components(links, directed=False)[1]
