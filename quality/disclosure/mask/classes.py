"""Cells that readers see as one: merged before any method works on a tableau."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from .problem import CANDIDATE, IMPOSEE, LIBRE, VIRTUELLE, Tableau


@dataclass(frozen=True)
class Systeme:
    """k classes of cells that are equal by the relations (an EPCI with one QPV), m' relations.

    Vectors have k entries. `de_cellule` (n,) gives the class of each cell of the tableau.
    """

    de_cellule: np.ndarray
    valeurs: np.ndarray
    relations: sp.csr_matrix  #: without known classes: their changes sum to 0
    inegalites: sp.csr_matrix
    connues: np.ndarray  #: bool: readers have the value whatever is masked
    candidates: np.ndarray  #: bool: shown unless masked
    cachees: np.ndarray  #: bool: hidden from the start (primary, virtual, free)
    sensibles: np.ndarray  #: bool: to protect, and protectable
    bas: np.ndarray
    haut: np.ndarray
    basse: np.ndarray
    haute: np.ndarray
    largeur: np.ndarray
    couts: np.ndarray  #: sum of the costs of the candidates of the class
    rang: np.ndarray  #: largest of these costs: the order in which elimination publishes
    contributeurs: np.ndarray
    blocs: np.ndarray
    par_cellule: sp.csc_matrix  #: `relations`, by column
    inegalites_par_cellule: sp.csc_matrix
    marge_basse: np.ndarray  #: inegalites_bas - inegalites @ valeurs
    marge_haute: np.ndarray
    perdues: np.ndarray  #: indices of sensitive CELLS whose value readers already have


def merge_equal_cells(t: Tableau) -> Systeme:
    """The classes of `t`. A class with an IMPOSEE cell is known; its sensitive cells are lost."""
    n = t.valeurs.size
    # A known zero moves nothing: a total and its only other part are then one cell too.
    moving = _without(t.relations, (t.statuts == IMPOSEE) & (t.valeurs == 0))
    k, label = _equal(moving)
    gather = sp.csr_matrix((np.ones(n), (np.arange(n), label)), shape=(n, k))

    def folded(operation: np.ufunc, values: np.ndarray, start: float) -> np.ndarray:
        out = np.full(k, start, dtype=float)
        operation.at(out, label, values)
        return out

    def having(where: np.ndarray) -> np.ndarray:
        return np.bincount(label[where], minlength=k) > 0

    known = having(t.statuts == IMPOSEE)
    sensitive = having(t.sensibles) & ~known
    candidate = having(t.statuts == CANDIDATE) & ~known & ~sensitive
    shown_only = np.where(t.statuts == CANDIDATE, t.couts, 0)
    first = np.zeros(k, dtype=np.int64)
    first[label[::-1]] = np.arange(n)[::-1]
    protected = {
        name: folded(np.maximum, np.where(t.sensibles, getattr(t, name), 0), 0)
        for name in ("protection_basse", "protection_haute", "largeur")
    }
    # What is known is a constant: it ties nothing, and perturbations leave it where it is.
    relations = _distinct(_without(sp.csr_matrix(moving @ gather), known))
    inequalities = sp.csr_matrix(t.inegalites @ gather)
    at = t.inegalites @ t.valeurs
    return Systeme(
        de_cellule=label,
        valeurs=t.valeurs[first],
        relations=relations,
        inegalites=inequalities,
        par_cellule=relations.tocsc(),
        inegalites_par_cellule=inequalities.tocsc(),
        marge_basse=t.inegalites_bas - at,
        marge_haute=t.inegalites_haut - at,
        connues=known,
        candidates=candidate,
        cachees=~known & ~candidate,
        sensibles=sensitive,
        bas=np.minimum(folded(np.maximum, t.bas, -np.inf), t.valeurs[first]),
        haut=np.maximum(folded(np.minimum, t.haut, np.inf), t.valeurs[first]),
        basse=protected["protection_basse"],
        haute=protected["protection_haute"],
        largeur=protected["largeur"],
        couts=np.bincount(label, shown_only, minlength=k),
        rang=folded(np.maximum, shown_only, 0),
        contributeurs=folded(np.maximum, t.contributeurs, -1).astype(np.int64),
        blocs=t.blocs[first],
        perdues=np.flatnonzero(t.sensibles & known[label]),
    )


def _equal(relations: sp.csr_matrix) -> tuple[int, np.ndarray]:
    """(number of classes, class of each cell): equal to the same sum of the same other cells.

    An EPCI with one quarter is that quarter; whole minus women is men, wherever it is a cell. Sums
    are compared by a print of 64 random bits per cell.
    """
    n = relations.shape[1]
    plain = np.ones(relations.shape[0], dtype=bool)
    row = np.repeat(np.arange(relations.shape[0]), np.diff(relations.indptr))
    plain[row[np.abs(relations.data) != 1]] = False
    kept = plain[row]
    row, cell, plus = row[kept], relations.indices[kept], relations.data[kept] > 0
    prints = np.random.default_rng(0).integers(0, 2**64, n, dtype=np.uint64)
    k, label = n, np.arange(n)
    while True:
        own = prints[label]
        signed = np.where(plus, own[cell], np.uint64(0) - own[cell])
        total = np.zeros(relations.shape[0], dtype=np.uint64)
        np.add.at(total, row, signed)
        rest = total[row] - signed
        rest = np.where(plus, np.uint64(0) - rest, rest)
        values, name = np.unique(np.concatenate([rest, own]), return_inverse=True)
        which = np.concatenate([cell, np.arange(n)])
        links = sp.coo_matrix(
            (np.ones(which.size), (which, n + name)), shape=(n + values.size, n + values.size)
        )
        _, found = connected_components(links, directed=False)
        _, label = np.unique(found[:n], return_inverse=True)
        before, k = k, int(label.max(initial=-1)) + 1
        if k == before:
            return k, label


def _without(relations: sp.csr_matrix, columns: np.ndarray) -> sp.csr_matrix:
    kept = sp.csr_matrix(relations @ sp.diags_array((~columns).astype(float)))
    kept.eliminate_zeros()
    return kept


def _distinct(relations: sp.csr_matrix) -> sp.csr_matrix:
    """Without empty rows nor rows seen before (linked tables repeat their common margins)."""
    relations.sort_indices()
    seen: set[bytes] = set()
    kept = []
    for row in range(relations.shape[0]):
        where = slice(relations.indptr[row], relations.indptr[row + 1])
        key = relations.indices[where].tobytes() + relations.data[where].tobytes()
        if where.start < where.stop and key not in seen:
            seen.add(key)
            kept.append(row)
    return relations[kept]


def masque_des_classes(t: Tableau, s: Systeme, masquees: np.ndarray) -> np.ndarray:
    """(n,) bool over cells from (k,) bool over classes: what leaves the publication."""
    return ~np.isin(t.statuts, (VIRTUELLE, LIBRE)) & masquees[s.de_cellule]
