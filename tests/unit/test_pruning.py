"""Pruning: what is left masked is needed, says a reader who shares no code, however it is found."""

from __future__ import annotations

import numpy as np
import pytest

from quality.disclosure.mask import pruning
from quality.disclosure.mask.problem import Masque, Tableau
from quality.disclosure.mask.suppress import suppress
from tests.fixtures.made_up_cube import made_up_cube
from tests.fixtures.reader import unmet


@pytest.fixture(scope="module")
def cube() -> Tableau:
    """Three crossed columns, two hierarchies of one of them that do not nest."""
    return made_up_cube("essai")


@pytest.fixture(scope="module")
def mask(cube: Tableau) -> Masque:
    return suppress(cube)


def test_every_secondary_cell_is_needed(cube: Tableau, mask: Masque) -> None:
    assert unmet(cube, mask.masquees) == []
    secondary = np.flatnonzero(mask.secondaires)
    assert secondary.size > 10
    for cell in secondary[::3].tolist():
        without = mask.masquees.copy()
        without[cell] = False
        assert unmet(cube, without), cell


def test_shared_proofs_and_single_ones_leave_the_same_mask(
    cube: Tableau, mask: Masque, monkeypatch: pytest.MonkeyPatch
) -> None:
    for worth in (1, 10**9):
        monkeypatch.setattr(pruning, "WORTH", worth)
        assert suppress(cube).masquees.tolist() == mask.masquees.tolist()


def test_pruning_that_stops_early_says_so_and_stays_safe(
    cube: Tableau, mask: Masque, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "EFFORT", -1)
    early = suppress(cube)
    assert early.secondaires.sum() > mask.secondaires.sum()
    assert unmet(cube, early.masquees) == []
    assert "Élagage arrêté" in early.remarques[0]
    assert mask.remarques == ()


def test_each_step_tells_its_seconds(mask: Masque) -> None:
    assert {"protection", "contributeurs seuls", "élagage"} <= {*mask.durees}
    assert sum(mask.durees.values()) == pytest.approx(mask.duree, abs=0.05)
