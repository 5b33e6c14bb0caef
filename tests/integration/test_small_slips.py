"""Each figure that a small observatory hides, printed again: its audit refuses, one slip at a time.

Four observatories here; as many as wanted in `tests.bench.bench_slips`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.observatory_release import NationalTables
from tests.fixtures.slips import KINDS, MAY_BE_MUTE, Tally
from tests.fixtures.small_observatories import SEUILS, SMALL, read_nation
from tests.fixtures.tried_slips import try_slips

#: EPCI of one or two quarters → kinds of slips tried there: all of them, or the rarest.
TRIED = {
    "QPV@EPCI:200043495": KINDS,
    "QPV@EPCI:200072312": KINDS,
    "QPV@EPCI:200034379": ("rang",),
    "QPV@EPCI:240100750": ("écart",),
}


@pytest.fixture(scope="module")
def tried(national_release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Tally]:
    build = national_release.parents[1] / "build" / "warehouse.duckdb"
    nation = read_nation(build, SEUILS, ("niveau", "comparaison"))
    home = tmp_path_factory.mktemp("ecarts")
    every = nation.observatories("QPV@EPCI:", SMALL["QPV@EPCI:"])
    chosen = [one for one in every if one.nom in TRIED]
    tables = NationalTables(national_release, nation, home, chosen)
    found = {genre: Tally() for genre in KINDS}
    for one in chosen:
        for genre, tally in try_slips(one, nation, tables, home, TRIED[one.nom]).items():
            found[genre] += tally
    return found


@pytest.mark.parametrize("genre", [g for g in KINDS if g not in MAY_BE_MUTE[1:]])
def test_one_more_figure_is_refused(tried: dict[str, Tally], genre: str) -> None:
    assert tried[genre].essayes
    assert tried[genre].manques == []


def test_the_reader_of_the_tests_sees_what_slips_tell(tried: dict[str, Tally]) -> None:
    assert all(tried[genre].parlants for genre in ("primaire", "part", "évolution", "écart"))
