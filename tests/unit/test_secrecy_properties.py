"""Any small table: the mask stands up to every table a reader can imagine, and wastes no cell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from quality.disclosure.mask.primary import protection_effectif
from quality.disclosure.mask.problem import CANDIDATE, PRIMAIRE, Tableau
from quality.disclosure.mask.suppress import suppress
from tests.fixtures.made_up_counts import made_up_counts
from tests.fixtures.reader import Reader, unmet

THRESHOLD = 3
LARGEST = 7  #: of a cell, known to readers


def margins(rows: int, columns: int) -> np.ndarray:
    """(cells, inner cells): inner cells, row totals, column totals, total, from inner cells."""
    by_row = np.kron(np.eye(rows), np.ones(columns))
    by_column = np.kron(np.ones(rows), np.eye(columns))
    return np.vstack([np.eye(rows * columns), by_row, by_column, np.ones(rows * columns)])


def counts(inner: np.ndarray, rows: int, columns: int, **more) -> Tableau:
    """A table of counts with its margins, 1 and 2 primary, protected as counts are."""
    build = margins(rows, columns)
    v = build @ inner
    k = rows * columns
    relations = np.hstack([-build[k:-1], np.eye(rows + columns), np.zeros((rows + columns, 1))])
    for part in (slice(k, k + rows), slice(k + rows, k + rows + columns)):
        line = np.zeros(v.size)
        line[part], line[-1] = -1, 1
        relations = np.vstack([relations, line])
    below, above, width = protection_effectif(v, THRESHOLD)
    return Tableau(
        v,
        sp.csr_matrix(relations),
        np.where((v > 0) & (v < THRESHOLD), PRIMAIRE, CANDIDATE),
        haut=np.where(np.arange(v.size) < k, LARGEST, LARGEST * k),
        protection_basse=below,
        protection_haute=above,
        largeur=width,
        **more,
    )


def imagined(t: Tableau, masked: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Every integer table that agrees with what is shown: (tables, cells)."""
    k = rows * columns
    ranges = [
        np.arange(LARGEST + 1) if masked[i] else np.array([int(t.valeurs[i])]) for i in range(k)
    ]
    inner = np.stack([axis.ravel() for axis in np.meshgrid(*ranges, indexing="ij")], axis=1)
    tables = inner @ margins(rows, columns).T.astype(np.int64)
    return tables[(tables[:, ~masked] == t.valeurs[~masked]).all(axis=1)]


@settings(max_examples=20)
@given(st.lists(st.integers(0, LARGEST), min_size=6, max_size=6))
def test_every_mask_stands_up_to_every_table_that_can_be(inner: list[int]) -> None:
    # Ends of intervals of a table with margins are integers: counting tables is enough.
    tableau = counts(np.array(inner, dtype=float), 2, 3)
    for methode in ("lp", "exact"):
        mask = suppress(tableau, methode)
        tables = imagined(tableau, mask.masquees, 2, 3)
        for i in np.flatnonzero(tableau.sensibles):
            if i in mask.non_protegees:
                continue
            low, high = tables[:, i].min(), tables[:, i].max()
            assert high >= THRESHOLD
            assert high - low >= 2


@settings(max_examples=20)
@given(st.lists(st.integers(0, LARGEST), min_size=6, max_size=6))
def test_elimination_leaves_no_primary_to_linear_algebra(inner: list[int]) -> None:
    tableau = counts(np.array(inner, dtype=float), 2, 3)
    mask = suppress(tableau, "gauss")
    known = np.vstack([tableau.relations.toarray(), np.eye(tableau.valeurs.size)[~mask.masquees]])
    rank = np.linalg.matrix_rank(known)
    for i in np.flatnonzero(tableau.sensibles):
        one = np.eye(tableau.valeurs.size)[i]
        assert np.linalg.matrix_rank(np.vstack([known, one])) == rank + 1


@pytest.mark.parametrize("seed", range(3))
def test_no_kept_secondary_can_be_shown(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inner = np.minimum(rng.integers(0, LARGEST + 1, 30), rng.integers(1, LARGEST + 1, 30))
    tableau = counts(inner.astype(float), 5, 6)
    mask = suppress(tableau)
    assert mask.secondaires.any()
    assert unmet(tableau, mask.masquees) == []
    for i in np.flatnonzero(mask.secondaires):
        fewer = mask.masquees.copy()
        fewer[i] = False
        assert unmet(tableau, fewer), f"cell {i} was masked for nothing"


def test_no_kept_secondary_can_be_shown_to_insiders() -> None:
    rng = np.random.default_rng(11)
    inner = np.minimum(rng.integers(0, LARGEST + 1, 20), rng.integers(1, LARGEST + 1, 20))
    plain = counts(inner.astype(float), 4, 5)
    tableau = counts(inner.astype(float), 4, 5, contributeurs=plain.valeurs.astype(int))
    mask = suppress(tableau)
    alone = np.flatnonzero(mask.masquees & (tableau.valeurs == 1))
    assert alone.size

    def short(masked: np.ndarray) -> list[int]:
        found = unmet(tableau, masked)
        for insider in alone:
            found += pinned(tableau, masked, int(insider))
        return found

    assert short(mask.masquees) == []
    for i in np.flatnonzero(mask.secondaires):
        fewer = mask.masquees.copy()
        fewer[i] = False
        assert short(fewer), f"cell {i} was masked for nothing"


def pinned(t: Tableau, masked: np.ndarray, insider: int) -> list[int]:
    """Primary cells that `insider` bounds to less than half the width asked."""
    reader = Reader(t, masked, (insider,))
    found = []
    for i in np.flatnonzero(t.sensibles):
        low, high = reader.interval(int(i))
        # Half of the width asked, or a tenth of the protections (docs/secret.md).
        wanted = max(0.5 * t.largeur[i], 0.1 * (t.protection_basse[i] + t.protection_haute[i]))
        if i != insider and high - low < wanted - 1e-5:
            found.append(int(i))
    return found


def test_blocks_protect_a_table_from_quarters_to_france() -> None:
    tableau = made_up_counts(qpv=45, epci=15, deps=4, regions=2)
    heard: list[tuple[int, int]] = []
    mask = suppress(tableau, avance=lambda done, total: heard.append((done, total)))
    assert not mask.non_protegees.size
    assert unmet(tableau, mask.masquees) == []
    # Twice as many secondary as primary cells is Insee's rule of thumb.
    assert mask.secondaires.sum() <= 2 * (tableau.statuts == PRIMAIRE).sum()
    assert heard and all(0 < done <= total for done, total in heard)


@pytest.mark.parametrize("inner", [(1, 5, 6, 7, 2, 4), (2, 0, 5, 3, 6, 1), (4, 1, 3, 2, 2, 5)])
def test_no_mask_is_cheaper_than_the_exact_one(inner: tuple[int, ...]) -> None:
    costs = np.random.default_rng(5).integers(1, 30, 12).astype(float)
    tableau = counts(np.array(inner, dtype=float), 2, 3, couts=costs)
    mask = suppress(tableau, "exact")
    assert mask.optimal and unmet(tableau, mask.masquees) == []
    candidates = np.flatnonzero(tableau.statuts == CANDIDATE)
    choices = np.array(list(product([False, True], repeat=candidates.size)))
    price = choices @ costs[candidates]
    for choice in choices[price < mask.cout - 1e-9]:
        cheaper = tableau.statuts == PRIMAIRE
        cheaper[candidates[choice]] = True
        assert unmet(tableau, cheaper)
