"""The mask of an edition in parts that nothing ties, by two processes where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from quality.disclosure.mask.problem import Masque, Tableau
from warehouse.base.processus import coeurs, share_out

if TYPE_CHECKING:
    from quality.secrecy.edition.edition_mask import Masqueur

#: A part: its cells, then what a masker takes.
_Part = tuple[np.ndarray, Tableau, sp.csr_matrix, np.ndarray, np.ndarray]
#: Cells to protect under which another process costs more than it brings (its imports: 1 s).
ENOUGH = 2000
#: Parts of about one size, so that no process waits long for the other.
LOTS = 8


def mask_in_parts(
    par: Masqueur, tableau: Tableau, limites: sp.csr_matrix, proches: np.ndarray, avant: np.ndarray
) -> Masque:
    """What `par` masks of a tableau, its parts apart: the same mask in one process or in two.

    Args:
        par, limites, proches, avant: see `edition_mask.Masqueur`.
    """
    parts = [*_parts(tableau, limites, proches, avant)]
    mask = partial(_masked, par)
    many = tableau.sensibles.sum() >= ENOUGH and len(parts) > 1 and coeurs() > 1
    made = share_out(mask, parts, "masques du secret") if many else map(mask, parts)
    return _together(tableau.valeurs.size, [(p[0], m) for p, m in zip(parts, made, strict=True)])


def _masked(par: Callable[..., Masque], part: _Part) -> Masque:
    return par(*part[1:])


def _parts(
    t: Tableau, limits: sp.csr_matrix, near: np.ndarray, before: np.ndarray
) -> Iterator[_Part]:
    """Lots of whole components, those without a cell to protect left out; the heaviest first."""
    links = abs(sp.vstack([t.relations, limits], format="csr"))
    graph = sp.block_array([[None, links], [links.T, None]])
    label = connected_components(graph, directed=False)[1][links.shape[0] :]
    weight = np.bincount(label[t.sensibles], minlength=label.max(initial=-1) + 1)
    lot_of = np.full(weight.size, -1)
    held = np.zeros(LOTS)
    for component in np.argsort(-weight, kind="stable")[: np.count_nonzero(weight)].tolist():
        lot_of[component] = int(np.argmin(held))
        held[lot_of[component]] += weight[component]
    for lot in np.argsort(-held, kind="stable").tolist():
        cells = np.flatnonzero(lot_of[label] == lot)
        if cells.size:
            yield _part(t, limits, near, before, cells)


def _part(
    t: Tableau, limits: sp.csr_matrix, near: np.ndarray, before: np.ndarray, cells: np.ndarray
) -> _Part:
    own, bound = limits.tocsc()[:, cells].tocsr(), t.relations.tocsc()[:, cells].tocsr()
    rows = np.flatnonzero(np.diff(own.indptr))
    vectors = {f.name: getattr(t, f.name) for f in fields(t) if not f.name.startswith("inegalites")}
    kept = {k: v[cells] for k, v in vectors.items() if not sp.issparse(v)}
    none = {"inegalites_bas": np.zeros(0), "inegalites_haut": np.zeros(0)}
    part = replace(
        t,
        **kept,
        **none,
        relations=bound[np.flatnonzero(np.diff(bound.indptr))],
        inegalites=sp.csr_matrix((0, cells.size)),
    )
    return cells, part, own[rows], near[rows], before[cells]


def _together(n: int, made: list[tuple[np.ndarray, Masque]]) -> Masque:
    """One mask of n cells from those of its parts."""
    hidden, secondary = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    for cells, mask in made:
        hidden[cells], secondary[cells] = mask.masquees, mask.secondaires
    steps = dict.fromkeys((step for _, m in made for step in m.durees), 0.0)
    for _, mask in made:
        for step, seconds in mask.durees.items():
            steps[step] += seconds
    none = np.zeros(0, dtype=np.int64)
    return Masque(
        masquees=hidden,
        secondaires=secondary,
        non_protegees=np.concatenate([none, *(cells[m.non_protegees] for cells, m in made)]),
        methode="lp",
        duree=sum(m.duree for _, m in made),
        cout=sum(m.cout for _, m in made),
        glissees=np.concatenate([none, *(cells[m.glissees] for cells, m in made)]),
        remarques=tuple(dict.fromkeys(note for _, m in made for note in m.remarques)),
        durees=steps,
    )
