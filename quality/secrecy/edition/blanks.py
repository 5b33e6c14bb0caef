"""Counts that their producer left blank: a value that fits what is printed stands for each of them.

What a reader may prove of a blank hangs on what is printed beside it alone, not on the value that
stands for it: any that fits lets the engine protect it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from quality.secrecy.edition.formulas import Forme, Formules
from quality.secrecy.edition.grid import Grille, blocks

if TYPE_CHECKING:
    from quality.secrecy.edition.assembly import RegleEffectif

#: What a unit off a printed sum costs, beside a unit under the threshold: a sum is left only where
#: figures contradict each other.
_OFF = 1e4

#: Rows over blanks: their matrix, least and most.
_Rows = tuple[sp.csr_matrix, np.ndarray, np.ndarray]


def with_blanks(g: Grille, formules: Formules, regles: Mapping[str, RegleEffectif]) -> Grille:
    """The grid with a value for each blank of a territory of which the same block tells something.

    The others are no blanks any more: no figure says anything of them.
    """
    values, blank = g.valeurs.copy(), g.blancs.copy()
    for block in blocks(g):
        blank[:, block] &= (~np.isnan(g.valeurs[:, block])).any(axis=1)[:, None]
        held = blank[:, block]
        if held.any():
            rule = regles[g.colonnes[block[0]][2]]
            found = _fitting(_among_blanks(g, block, held, formules), int(held.sum()), rule)
            values[:, block] = np.where(held, _placed(held, found), values[:, block])
    return replace(g, valeurs=values, blancs=blank)


def _placed(held: np.ndarray, found: np.ndarray) -> np.ndarray:
    out = np.zeros(held.shape)
    out[held] = found
    return out


def _fitting(given: _Rows, n: int, rule: RegleEffectif) -> np.ndarray:
    """(n,) figures up to the threshold where the rows leave room, off these as little as can be.

    Variables: figures, what each lacks of the threshold, what each row is too much or too little.
    """
    matrix, low, high = given
    m = matrix.shape[0]
    eye, off = sp.eye_array(n), sp.eye_array(m)
    lacks = sp.hstack([-eye, -eye, sp.csr_array((n, 2 * m))])
    none = sp.csr_array((m, n))
    under = sp.hstack([matrix, none, off, -off], format="csr")
    equal, above = low == high, (low != high) & np.isfinite(low)
    done = linprog(
        np.concatenate([np.zeros(n), np.ones(n), np.full(2 * m, _OFF)]),
        A_ub=sp.vstack([lacks, -under[above]]),
        b_ub=np.concatenate([np.full(n, -float(rule.seuil)), -low[above]]),
        A_eq=under[equal] if equal.any() else None,
        b_eq=low[equal] if equal.any() else None,
        bounds=[(float(rule.zeros_publiables), None)] * n + [(0, None)] * (n + 2 * m),
        method="highs",
    )
    return done.x[:n]


def _among_blanks(g: Grille, block: list[int], held: np.ndarray, formules: Formules) -> _Rows:
    """What is printed beside the blanks of a block says of them: sums, parts of a whole."""
    number = np.full(g.valeurs.shape, -1)
    number[:, block] = _placed(held, np.arange(held.sum())) - (~held)
    parts = [*_of_forms(g, block, number, formules), *_of_places(g, block, number)]
    kept = [(m, low, high) for m, low, high in parts if m.shape[0]]
    if not kept:
        return sp.csr_matrix((0, int(held.sum()))), np.zeros(0), np.zeros(0)
    return (
        sp.vstack([m for m, _, _ in kept], format="csr"),
        np.concatenate([low for _, low, _ in kept]),
        np.concatenate([high for _, _, high in kept]),
    )


def _of_forms(g: Grille, block: list[int], number: np.ndarray, formules: Formules) -> Iterator:
    mesures = {g.colonnes[c][0]: c for c in block}
    n = int(number.max()) + 1
    for forme, reste in formules.sommes:
        there = [m in mesures for m, _ in forme]
        yield _row_of(g, mesures, number, n, forme, exact=all(there) and not reste)
    for forme in sorted(formules.restes):
        if all(m in mesures for m, _ in forme):
            yield _row_of(g, mesures, number, n, forme, exact=False)


def _row_of(
    g: Grille,
    mesures: Mapping[str, int],
    number: np.ndarray,
    n: int,
    forme: Forme,
    *,
    exact: bool,
) -> _Rows:
    """A form in each territory with a blank: 0 where it is exact and all is known, else 0 at least.

    A part of which nothing is known is left out of what is at most the whole.
    """
    there = [(mesures[m], sign) for m, sign in forme if m in mesures]
    columns = np.array([c for c, _ in there], dtype=np.int64)
    signs = np.array([sign for _, sign in there])
    figures, blank = g.valeurs[:, columns], number[:, columns] >= 0
    unknown = np.isnan(figures) & ~blank
    rows = np.flatnonzero(
        blank.any(axis=1) & ~(unknown & (signs > 0)).any(axis=1) & (signs > 0).any()
    )
    equal = exact & ~unknown[rows].any(axis=1)
    return _rows(figures[rows] * signs, number[np.ix_(rows, columns)], signs, n, equal)


def _of_places(g: Grille, block: list[int], number: np.ndarray) -> Iterator:
    n = int(number.max()) + 1
    for outer, inner in g.restes:
        places = np.ix_([outer, *inner], block)
        figures, at = g.valeurs[places].T, number[places].T
        signs = np.array([1.0, *(-1.0 for _ in inner)])
        rows = (at >= 0).any(axis=1) & ~(np.isnan(figures) & (at < 0)).any(axis=1)
        equal = np.zeros(int(rows.sum()), dtype=bool)
        yield _rows(figures[rows] * signs, at[rows], signs, n, equal)


def _rows(
    terms: np.ndarray, number: np.ndarray, signs: np.ndarray, n: int, equal: np.ndarray
) -> _Rows:
    """Rows over n blanks, from the terms (r, k) of each, NaN where blank or unknown."""
    row, column = np.nonzero(number >= 0)
    shape = (len(terms), n)
    matrix = sp.csr_matrix((signs[column], (row, number[row, column])), shape=shape)
    low = -np.nansum(terms, axis=1)
    return matrix, low, np.where(equal, low, np.inf)
