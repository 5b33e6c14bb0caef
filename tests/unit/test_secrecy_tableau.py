"""What a tableau refuses, with the rows named; primary rules on figures computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from quality.disclosure.mask import primary
from quality.disclosure.mask.problem import CANDIDATE, PRIMAIRE, Tableau
from quality.disclosure.mask.suppress import suppress
from quality.disclosure.refused import DisclosureError

VALUES = np.array([10.0, 4.0, 6.0])
SUM = sp.csr_matrix([[1.0, -1.0, -1.0]])
STATUS = np.array([CANDIDATE, PRIMAIRE, CANDIDATE])


def test_a_relation_that_does_not_add_up_is_named() -> None:
    two = sp.csr_matrix([[1.0, -1.0, -1.0], [1.0, -1.0, 0.0]])
    with pytest.raises(DisclosureError, match=r"lignes 1\. Attendu"):
        Tableau(VALUES, two, STATUS)


def test_rounding_of_published_decimals_is_no_fault() -> None:
    assert Tableau(VALUES + np.array([1e-6, 0, 0]), SUM, STATUS).valeurs[0] > 10


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"bas": np.zeros(2)}, "tailles différentes"),
        ({"bas": np.array([0, 5.0, 0])}, "sous sa borne basse.*cellules 1"),
        ({"haut": np.array([9.0, 9, 9])}, "au-dessus de sa borne haute.*cellules 0"),
        ({"couts": np.array([1.0, 1, 0])}, "coût nul.*cellules 2"),
        ({"largeur": np.array([1.0, np.nan, 0])}, "largeur négative.*cellules 1"),
        (
            {
                "inegalites": SUM,
                "inegalites_bas": np.array([1.0]),
                "inegalites_haut": np.array([2.0]),
            },
            "inégalités.*lignes 0",
        ),
    ],
)
def test_vectors_that_contradict_the_values_are_refused(more: dict, message: str) -> None:
    with pytest.raises(DisclosureError, match=message):
        Tableau(VALUES, SUM, STATUS, **more)


def test_unknown_statuses_and_methods_are_refused() -> None:
    with pytest.raises(DisclosureError, match="statut inconnu"):
        Tableau(VALUES, SUM, np.array([0, 9, 0]))
    with pytest.raises(DisclosureError, match="lp, gauss, exact"):
        suppress(Tableau(VALUES, SUM, STATUS), "hypercube")


def test_minimum_count_leaves_zeros_and_the_threshold_out() -> None:
    counts = np.array([0, 1, 4, 5, 12])
    assert primary.primaire_effectif(counts, 5).tolist() == [False, True, True, False, False]
    below, above, width = primary.protection_effectif(counts, 5)
    assert (below.tolist(), above.tolist()) == ([0] * 5, [5, 4, 1, 0, 0])
    assert width.tolist() == [2] * 5


def test_dominance_and_p_percent() -> None:
    # 86 of 100 exceeds 85 %, 85 of 100 does not.
    assert primary.primaire_dominance([86, 85], [100, 100], 85).tolist() == [True, False]
    # The two largest of a (2, 90) rule: 50 + 41 of 100, then 50 + 40.
    assert primary.primaire_dominance([[50, 41], [50, 40]], [100, 100], 90).tolist() == [
        True,
        False,
    ]
    # The second one sees the first one to within 4, under 10 % of 50; then to within 10.
    first, second = np.array([50, 50]), np.array([46, 40])
    assert primary.primaire_p_pourcent(first, second, [100, 100], 10).tolist() == [True, False]


def test_readers_know_that_masked_counts_are_positive_if_zeros_are_shown() -> None:
    low, high = primary.bornes_effectif([0, 3, 50], zeros_montres=True, plafond=40)
    assert (low.tolist(), high.tolist()) == ([0, 1, 1], [40, 40, 50])
    assert primary.bornes_effectif([0, 3], zeros_montres=False, plafond=40)[0].tolist() == [0, 0]


def test_amounts_are_protected_by_a_share_on_each_side() -> None:
    below, above, width = primary.protection_montant([200.0, 0.0], 0.10, plancher=1.0)
    assert (below[0], above[0], width[0]) == pytest.approx((20, 20, 40))
    assert (below[1], above[1], width[1]) == (0, 0, 1)
