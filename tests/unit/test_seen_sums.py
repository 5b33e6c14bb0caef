"""Sums that are planted in made-up tables and declared nowhere, and those that chance makes."""

from __future__ import annotations

import numpy as np
import pytest

from quality.disclosure.attack.seen_sums import seen_sums


def _table(lines: int, columns: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 90, (lines, columns)).astype(float)


def _said(values: np.ndarray, *declared: dict) -> set[tuple]:
    return {(one.total, one.parts) for one in seen_sums(values, declared)}


@pytest.mark.parametrize("parts", [(1,), (1, 4), (1, 4, 5), (1, 4, 5, 7)])
def test_a_column_that_is_a_few_others_is_found(parts: tuple) -> None:
    values = _table(8, 9)
    values[:, 2] = values[:, list(parts)].sum(axis=1)
    found = _said(values)
    assert len(found) == 1
    [(total, made)] = found
    assert {total, *made} == {2, *parts}
    form = {2: 1.0} | dict.fromkeys(parts, -1.0)
    assert _said(values, form) == set()


def test_a_line_of_all_the_others_is_found_whatever_their_number() -> None:
    values = _table(4, 60)
    values[:, 20] = values.sum(axis=1) - values[:, 20]
    assert [total for total, _ in _said(values)] == [20]
    # Of those that are printed before it, from some of them on.
    values = _table(4, 60)
    values[:, 20] = values[:, 11:20].sum(axis=1)
    assert _said(values) == {(20, tuple(range(11, 20)))}


def test_what_is_masked_in_some_lines_is_found_in_the_others() -> None:
    values = _table(8, 6)
    values[:, 0] = values[:, 1] + values[:, 2]
    values[:3, 1] = np.nan
    values[2:5, 4] = np.nan
    assert {frozenset((t, *p)) for t, p in _said(values)} == {frozenset((0, 1, 2))}
    values[7, 0] += 1
    assert _said(values) == set()


def test_what_chance_makes_is_not_told() -> None:
    for seed in range(60):
        assert _said(_table(3, 14, seed)) == set()
        few = np.random.default_rng(seed).integers(0, 6, (4, 12)).astype(float)
        assert _said(few) == set()


def test_a_column_of_zeros_and_a_rest_that_is_declared_are_no_sums() -> None:
    """All is a and b, and c where there is any: in these lines there is none."""
    values = _table(8, 5)
    values[:, 0] = values[:, 1] + values[:, 2]
    values[:, 3] = 0
    assert _said(values, {0: 1.0, 1: -1.0, 2: -1.0, 3: -1.0}) == set()
