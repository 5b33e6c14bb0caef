"""The attack of a system in parts that nothing ties, by two processes where there is much of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from quality.disclosure.audit.system import System
from quality.disclosure.audit.verdict import Audit, audit
from warehouse.base.processus import coeurs, share_out

#: Cells to protect under which parts cost more than they bring.
ENOUGH = 20_000
#: Parts of about one size, the same whatever the number of processes.
LOTS = 6


def attacked(system: System) -> Audit:
    """The audit of a system: only what is exposed has its whole interval."""
    if len(system.protections) < ENOUGH:
        return audit(system, complet=False)
    parts = [*_parts(system)]
    given = [part for _, part in parts]
    done = share_out(_attack, given, "audit du secret") if coeurs() > 1 else map(_attack, given)
    return _together(system, [(cells, one) for (cells, _), one in zip(parts, done, strict=True)])


def _attack(part: System) -> Audit:
    return audit(part, complet=False)


def _parts(system: System) -> Iterator[tuple[np.ndarray, System]]:
    """Lots of whole components, those that hold nothing to protect left out: cells, system."""
    links = sp.vstack([system.relations, system.ranges], format="csr")
    links = sp.csr_matrix((np.ones(links.nnz), links.indices, links.indptr), links.shape)
    graph = sp.block_array([[None, links], [links.T, None]])
    label = connected_components(graph, directed=False)[1][links.shape[0] :]
    asked = np.zeros(label.size, dtype=bool)
    asked[[*system.protections]] = True
    weight = np.bincount(label[asked], minlength=label.max(initial=-1) + 1)
    # A program takes more than its share as it grows.
    effort = weight * np.sqrt(np.bincount(label, minlength=weight.size))
    lot_of, held = np.full(weight.size, -1), np.zeros(LOTS)
    for component in np.argsort(-effort, kind="stable")[: np.count_nonzero(weight)].tolist():
        lot_of[component] = int(np.argmin(held))
        held[lot_of[component]] += effort[component]
    for lot in np.argsort(-held, kind="stable").tolist():
        cells = np.flatnonzero(lot_of[label] == lot)
        if cells.size:
            yield cells, _part(system, cells)


def _part(s: System, cells: np.ndarray) -> System:
    at = {cell: k for k, cell in enumerate(cells.tolist())}
    relations, ranges = (m.tocsc()[:, cells].tocsr() for m in (s.relations, s.ranges))
    sums, limits = (np.flatnonzero(np.diff(m.indptr)) for m in (relations, ranges))
    row = {number: k for k, number in enumerate(sums.tolist())}
    return System(
        noms=[s.noms[cell] for cell in cells.tolist()],
        lower=s.lower[cells],
        upper=s.upper[cells],
        integer=s.integer[cells],
        relations=relations[sums],
        rhs=s.rhs[sums],
        noms_relations=[s.noms_relations[r] for r in sums.tolist()],
        ranges=ranges[limits],
        low=s.low[limits],
        high=s.high[limits],
        noms_ranges=[s.noms_ranges[r] for r in limits.tolist()],
        protections={at[c]: p for c, p in s.protections.items() if c in at},
        seuls=frozenset(at[c] for c in s.seuls if c in at),
        memes=frozenset(row[r] for r in s.memes if r in row),
    )


def _together(system: System, parts: list[tuple[np.ndarray, Audit]]) -> Audit:
    """One audit from those of the parts, cells in the order of the system."""
    alone = audit(replace(system, protections={}))
    found = {
        int(cells[c.cellule]): replace(c, cellule=int(cells[c.cellule]))
        for cells, one in parts
        for c in one.constats
    }
    return Audit(
        constats=[*alone.constats, *(found[c] for c in system.protections if c in found)],
        contradictions=[
            *alone.contradictions,
            *(c for _, one in parts for c in one.contradictions),
        ],
        inconnues=len(system.noms),
        relations=system.relations.shape[0] + system.ranges.shape[0],
        composantes=sum(one.composantes for _, one in parts),
        verifiees_en_entiers=sum(one.verifiees_en_entiers for _, one in parts),
    )
