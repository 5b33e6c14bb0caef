"""Exact recovery: which cells are a linear function of what is printed. Bounds play no part.

Method: random solutions of A v = 0 modulo two primes. A cell is recoverable if and only if it is 0
in every solution; two cells move together, one revealing the other, if and only if their entries
keep the same ratio in all. A wrong answer has a probability under cells² / prime².
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

#: Under 2^31, so that a product of two residues fits in 64 bits.
PRIMES = (2_147_483_629, 2_147_483_587)
SOLUTIONS = 3


@dataclass(frozen=True)
class Exact:
    """`recovered`: (n,) cells that the relations alone give. `together`: (n,) class of the cells
    that give one another; -1 for those recovered."""

    recovered: np.ndarray
    together: np.ndarray


def recover(relations: sp.csr_matrix) -> Exact:
    """Cells given by the relations, and classes of cells of which one gives the others.

    Args:
        relations: (m, n) coefficients over the unknown cells; doubles are taken as they are.
    """
    n = relations.shape[1]
    solutions = [_null_vectors(relations, p, np.random.default_rng(p)) for p in PRIMES]
    recovered = np.any([(v == 0).all(axis=1) for v in solutions], axis=0)
    keys = np.concatenate([_ratios(v, p) for v, p in zip(solutions, PRIMES, strict=True)], axis=1)
    together = np.full(n, -1)
    if (~recovered).any():
        together[~recovered] = np.unique(keys[~recovered], axis=0, return_inverse=True)[1].ravel()
    return Exact(recovered, together)


def _residues(values: np.ndarray, p: int) -> np.ndarray:
    """Each double as the residue of the fraction that it is."""
    found, inverse = np.unique(values, return_inverse=True)
    residues = []
    for value in found.tolist():
        num, den = value.as_integer_ratio()
        residues.append(num % p * pow(den, -1, p) % p)
    return np.array(residues, np.int64)[inverse]


def _inverse(values: np.ndarray, p: int) -> np.ndarray:
    """values^(p-2) mod p, entry by entry (Fermat); 0 stays 0."""
    result, base, power = np.ones_like(values), values % p, p - 2
    while power:
        if power & 1:
            result = result * base % p
        base = base * base % p
        power >>= 1
    return result


def _ratios(vectors: np.ndarray, p: int) -> np.ndarray:
    return vectors[:, 1:] * _inverse(vectors[:, :1], p) % p


def _null_vectors(relations: sp.csr_matrix, p: int, rng: np.random.Generator) -> np.ndarray:
    """(n, SOLUTIONS) random solutions of A v = 0 mod p, uniform over the solutions."""
    matrix = sp.csr_matrix(
        (_residues(relations.data, p), relations.indices, relations.indptr), relations.shape
    )
    matrix.eliminate_zeros()
    n = matrix.shape[1]
    vectors = rng.integers(0, p, (n, SOLUTIONS), np.int64)
    rows, waves = _strip(matrix)
    core = matrix[rows]
    used = np.unique(core.indices)
    if len(used):
        core = core[:, used].tocsr()
        links = sp.bmat([[None, core != 0], [(core != 0).T, None]], format="csr")
        _, label = connected_components(links, directed=False)
        row_label, column_label = label[: core.shape[0]], label[core.shape[0] :]
        row_order, column_order = np.argsort(row_label), np.argsort(column_label)
        for rows_in, columns_in in zip(
            _groups(row_order, row_label, label.max() + 1),
            _groups(column_order, column_label, label.max() + 1),
            strict=True,
        ):
            block = core[rows_in][:, columns_in].toarray()
            vectors[used[columns_in]] = _solve(block, vectors[used[columns_in]], p)
    for wave_rows, wave_columns in reversed(waves):
        _substitute(matrix[wave_rows], wave_columns, vectors, p)
    return vectors


def _groups(order: np.ndarray, label: np.ndarray, count: int) -> list[np.ndarray]:
    return np.split(order, np.searchsorted(label[order], np.arange(1, count)))


def _strip(matrix: sp.csr_matrix) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Rows left once those owning a cell of their own are set aside, wave after wave."""
    alive = np.arange(matrix.shape[0])
    waves = []
    while len(alive):
        left = matrix[alive]
        count = np.bincount(left.indices, minlength=matrix.shape[1])
        own = np.flatnonzero(count[left.indices] == 1)
        if not len(own):
            break
        owner = np.repeat(np.arange(len(alive)), np.diff(left.indptr))[own]
        first = np.unique(owner, return_index=True)
        waves.append((alive[first[0]], left.indices[own[first[1]]]))
        alive = np.delete(alive, first[0])
    return alive, waves


def _substitute(rows: sp.csr_matrix, columns: np.ndarray, vectors: np.ndarray, p: int) -> None:
    """The own cell of each row, from the others."""
    vectors[columns] = 0
    owner = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    total = np.zeros((rows.shape[0], vectors.shape[1]), np.int64)
    np.add.at(total, owner, rows.data[:, None] * vectors[rows.indices] % p)
    pivot = np.zeros(rows.shape[0], np.int64)
    mine = rows.indices == columns[owner]
    pivot[owner[mine]] = rows.data[mine]
    vectors[columns] = (-total % p) * _inverse(pivot, p)[:, None] % p


def _solve(block: np.ndarray, vectors: np.ndarray, p: int) -> np.ndarray:
    """Gauss-Jordan mod p; free cells keep their random entries, the others follow."""
    free = np.ones(block.shape[1], bool)
    pivots: list[tuple[int, int]] = []
    alive = np.ones(block.shape[0], bool)
    # Cells of few relations first: on tables of sums this keeps the rows short.
    for column in np.argsort((block != 0).sum(axis=0), kind="stable").tolist():
        hit = np.flatnonzero(block[:, column])
        candidates = hit[alive[hit]]
        if not len(candidates):
            continue
        row = candidates[np.argmin((block[candidates] != 0).sum(axis=1))]
        block[row] = block[row] * pow(int(block[row, column]), -1, p) % p
        others = hit[hit != row]
        support = np.flatnonzero(block[row])
        block[np.ix_(others, support)] = (
            block[np.ix_(others, support)] - block[others, column, None] * block[row, support]
        ) % p
        alive[row], free[column] = False, False
        pivots.append((row, column))
    kept = np.flatnonzero(free)
    for row, column in pivots:
        inside = kept[block[row, kept] != 0]
        terms = block[row, inside, None] * vectors[inside] % p
        vectors[column] = -terms.sum(axis=0) % p
    return vectors
