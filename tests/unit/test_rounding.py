"""Controlled rounding: sums kept, nothing far, no bias; its attacker knows how it was done."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.sparse as sp

from quality.disclosure.calls import audit, round_table
from quality.disclosure.refused import DisclosureError
from quality.disclosure.rounding.controlled import controlled

COUNTS = np.array([[0, 2, 7, 5], [1, 13, 4, 9], [6, 3, 8, 11]])
BASE = 5


def _with_margins(counts: np.ndarray) -> tuple[np.ndarray, sp.csr_matrix]:
    """A table with its totals last, and its sums."""
    whole = np.vstack([counts, counts.sum(axis=0)])
    whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)])
    at = np.arange(whole.size).reshape(whole.shape)
    lines = []
    for line in (*at, *at.T):
        row = np.zeros(whole.size)
        row[line[:-1]], row[line[-1]] = -1, 1
        lines.append(row)
    return whole.ravel().astype(float), sp.csr_matrix(np.array(lines))


def test_sums_hold_and_each_figure_is_one_of_its_two_multiples() -> None:
    values, relations = _with_margins(COUNTS)
    for seed in range(20):
        found = controlled(values, relations, BASE, seed)
        assert not (relations @ found.values).any()
        assert not (found.values % BASE).any()
        assert np.abs(found.values - values).max() < BASE
        exact = values % BASE == 0
        assert (found.values[exact] == values[exact]).all()
        assert (found.mended, found.reach) == (0, 1)


def test_on_average_each_figure_is_its_own_value() -> None:
    values, relations = _with_margins(COUNTS)
    draws = np.array([controlled(values, relations, BASE, seed).values for seed in range(200)])
    # A figure between two multiples spreads by BASE / 2 at most: four standard errors.
    assert np.abs(draws.mean(axis=0) - values).max() < 4 * BASE / 2 / np.sqrt(len(draws))
    assert len({tuple(one) for one in draws.tolist()}) > 10


def test_the_same_seed_gives_the_same_rounding() -> None:
    values, relations = _with_margins(COUNTS)
    one, two = (controlled(values, relations, BASE, 3).values for _ in range(2))
    assert one.tolist() == two.tolist()


ROWS = [
    {"z": z, "a": a, "n": n}
    for (z, a), n in {
        **{(f"z{i}", f"a{j}"): int(COUNTS[i, j]) for i, j in itertools.product(range(3), range(4))},
        **{(f"z{i}", "T"): int(COUNTS[i].sum()) for i in range(3)},
        **{("T", f"a{j}"): int(COUNTS[:, j].sum()) for j in range(4)},
        ("T", "T"): int(COUNTS.sum()),
    }.items()
]


def _relations(seuil: float) -> dict:
    return {
        "tableaux": [
            {"fichier": "t", "dimensions": ["z", "a"], "mesures": {"n": {"entier": True}}}
        ],
        "dimensions": {
            "z": {"total": "T", "sommes": [{"total": "T", "parties": ["z*"]}]},
            "a": {"total": "T", "sommes": [{"total": "T", "parties": ["a*"]}]},
        },
        "regles": {"n": {"seuil": seuil}},
    }


def test_nobody_can_prove_a_count_under_the_threshold() -> None:
    for seed in range(4):
        rounded = round_table(ROWS, _relations(5), base=BASE, seed=seed)
        # Five counts are from 1 to 4: 1, 2, 3, 4, and no total.
        assert rounded.audit.cases == int(((COUNTS > 0) & (COUNTS < 5)).sum())
        assert (rounded.exposed, rounded.rounding.mended) == (0, 0)
        assert audit(rounded.tables, rounded.relations)[0].exposes == []
        printed = {(r["z"], r["a"]): int(r["n"]) for r in rounded.tables["t"]}
        assert sum(printed["z1", f"a{j}"] for j in range(4)) == printed["z1", "T"]


def test_a_base_under_the_threshold_is_found_out() -> None:
    # 7 printed 6 or 9 to the base of 3 is from 4 to 11: nobody is to know that it is under 12.
    rounded = round_table(ROWS, _relations(12), base=3, seed=1)
    assert rounded.exposed > 0
    assert "laisser possible 0, ou 12 et plus" in {c.exige for c in rounded.audit.exposes}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"regles": {"n": {"ecart": 0.1}}}, "n'a pas de seuil"),
        (
            {"tableaux": [{"fichier": "t", "dimensions": ["z", "a"], "mesures": {"n": {}}}]},
            "n'est pas un effectif",
        ),
    ],
)
def test_what_is_no_count_is_refused(change: dict, said: str) -> None:
    with pytest.raises(DisclosureError, match=said):
        round_table(ROWS, _relations(5) | change, base=BASE)


def test_a_base_of_one_is_refused() -> None:
    values, relations = _with_margins(COUNTS)
    with pytest.raises(DisclosureError, match="base d'au moins 2"):
        controlled(values, relations, 1, 0)
