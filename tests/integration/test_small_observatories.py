"""Open figures as small observatories would hold them under convention: nothing comes back.

One in eight of the départements of at most 12 quarters and of the EPCI of at most 4; all of them
in `tests.bench.bench_small_observatories`.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.fixtures.as_if_confidential import SOMMES
from tests.fixtures.small_observatories import (
    SEUILS,
    SMALL,
    VARIANTS,
    Nation,
    judged,
    read_nation,
)

ONE_IN = 8


@pytest.fixture(scope="module")
def nation(national_release: Path) -> Nation:
    return read_nation(national_release.parent.parent / "build" / "warehouse.duckdb", SEUILS)


def observatories(nation: Nation, kind: str) -> list:
    return list(itertools.islice(nation.observatories(kind, SMALL[kind]), 0, None, ONE_IN))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("kind", SMALL)
def test_what_a_small_observatory_hides_does_not_come_back(
    nation: Nation, kind: str, variant: str
) -> None:
    seen = [judged(one, nation, SOMMES, variant) for one in observatories(nation, kind)]
    assert sum(j.primaires for j in seen) > 20
    assert [(j.nom, j.exposees) for j in seen if j.exposees] == []
    assert [j.nom for j in seen if j.non_protegees] == []


def test_the_order_of_rows_changes_no_mask(nation: Nation) -> None:
    for kind in SMALL:
        for one in observatories(nation, kind)[:4]:
            as_read, reversed_ = (judged(one, nation, SOMMES, v) for v in ("telles", "renversees"))
            assert as_read.etats == reversed_.etats


def test_the_reader_sees_what_a_masker_without_the_sums_lets_out(nation: Nation) -> None:
    found = [judged(one, nation, [], "telles") for one in observatories(nation, "QPV@DEP:")]
    assert sum(bool(j.exposees) for j in found) > len(found) / 3
