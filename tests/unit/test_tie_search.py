"""Ties that are planted in made-up counts, and those that chance makes."""

from __future__ import annotations

import numpy as np
import pytest

from quality.disclosure.attack.tie_search import undeclared_ties

NAMES = ["total", "femmes", "hommes", "jeunes", "adultes", "ages", "autre"]
SEXES = {"total": 1.0, "femmes": -1.0, "hommes": -1.0}
AGES = {"total": 1.0, "jeunes": -1.0, "adultes": -1.0, "ages": -1.0}


def table(rows: int) -> np.ndarray:
    """Counts in which women and men, and three ages, are all."""
    rng = np.random.default_rng(7)
    femmes, hommes, autre = (rng.integers(0, 90, rows) for _ in range(3))
    total = femmes + hommes
    jeunes = rng.integers(0, total // 2 + 1)
    adultes = rng.integers(0, total - jeunes + 1)
    parts = [total, femmes, hommes, jeunes, adultes, total - jeunes - adultes, autre]
    return np.stack(parts, axis=1).astype(float)


def said(values: np.ndarray, *declared: dict) -> dict[str, float]:
    return {str(t): round(t.part, 2) for t in undeclared_ties(NAMES, values, declared)}


def test_what_is_declared_is_not_told_and_the_rest_is() -> None:
    values = table(300)
    assert said(values, SEXES, AGES) == {}
    assert len(said(values)) == 2
    assert len(said(values, SEXES)) == len(said(values, AGES)) == 1
    # What is declared may stand for its total.
    [tie] = said(values, AGES)
    assert set(tie.replace("=", "+").split(" + ")) - {"total"} >= {"femmes", "hommes"}


@pytest.mark.parametrize(("wrong", "told"), [(3, True), (30, False)])
def test_a_tie_that_few_rows_break_is_told_and_one_that_many_do_is_not(
    wrong: int, told: bool
) -> None:
    values = table(300)
    values[:wrong, NAMES.index("hommes")] += 1
    found = said(values, AGES)
    assert bool(found) == told
    if told:
        assert set(found.values()) == {0.99}


def test_few_rows_or_blanks_prove_nothing() -> None:
    assert said(table(40)) == {}
    values = table(300)
    values[10:, NAMES.index("autre")] = np.nan
    assert said(values) == {}


def test_a_column_of_zeros_is_no_tie() -> None:
    values = table(300)
    values[:, NAMES.index("autre")] = 0
    assert said(values, SEXES, AGES) == {}
