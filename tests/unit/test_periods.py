"""A period label is two dates, or it is refused."""

from __future__ import annotations

from datetime import date

import pytest

from warehouse.domain.periods import bounds, in_words, year_of, years_before


@pytest.mark.parametrize(
    ("periode", "window", "first", "last"),
    [
        ("2019", 0, date(2019, 1, 1), date(2019, 12, 31)),
        ("2019", 2, date(2017, 1, 1), date(2021, 12, 31)),
        ("2022-T1", 0, date(2022, 1, 1), date(2022, 3, 31)),
        ("2024-T1", 0, date(2024, 1, 1), date(2024, 3, 31)),
        ("2022-T4", 0, date(2022, 10, 1), date(2022, 12, 31)),
        ("2024-2025", 2, date(2024, 9, 1), date(2025, 8, 31)),
        ("2021-12-31", 0, date(2021, 12, 31), date(2021, 12, 31)),
        ("2020-02-29", 2, date(2020, 2, 29), date(2020, 2, 29)),
    ],
)
def test_bounds(periode: str, window: int, first: date, last: date) -> None:
    assert bounds(periode, window) == (first, last)


@pytest.mark.parametrize(
    "periode",
    ["", "19", "219", "0219", "2019 ", "2019\n", "2022-T5", "2022-t4", "2021-13-01", "2021-02-30",
     "31/12/2021", "2021-12", "2024-2026", "2024-2024", "２０１９"],
)  # fmt: skip
def test_what_is_no_period_is_refused_by_name(periode: str) -> None:
    with pytest.raises(ValueError, match="période illisible") as refused:
        bounds(periode)
    assert repr(periode) in str(refused.value)


def test_words_and_year() -> None:
    assert in_words("2021-12-31") == "31/12/2021"
    assert in_words("2022-T1") == "1er trimestre 2022"
    assert in_words("2022-T4") == "4e trimestre 2022"
    assert in_words("2019") == "2019"
    assert in_words("2024-2025") == "année scolaire 2024-2025"
    assert [year_of(p) for p in ("2019", "2022-T4", "2021-12-31")] == [2019, 2022, 2021]


def test_the_same_period_some_years_earlier() -> None:
    earlier = {"2021-12-31": "2020-12-31", "2022-T4": "2021-T4", "2024-2025": "2023-2024"}
    assert {p: years_before(p, 1) for p in earlier} == earlier
    assert (years_before("2020", 0), years_before("2000", 5)) == ("2020", "1995")
