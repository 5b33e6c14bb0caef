"""What a period label means as dates. Says nothing of which periods may be compared."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Literal

#: What comes before a period in a sentence: « au 31/12/2021 », « en 2019 ».
Preposition = Literal["au", "en"]

_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_QUARTER = re.compile(r"((?:19|20)[0-9]{2})-T([1-4])")
_SCHOOL_YEAR = re.compile(r"((?:19|20)[0-9]{2})-((?:19|20)[0-9]{2})")
_DATE = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def bounds(periode: str, fenetre_annees: int = 0) -> tuple[date, date]:
    """First and last day that a period label describes.

    Args:
        periode: `2019`, `2022-T4`, `2021-12-31`, or the school year `2024-2025`.
        fenetre_annees: years of rolling collection on each side (RP: 2, five yearly surveys).

    Raises:
        ValueError: the label has none of these forms, or names no day of the calendar.
    """
    if _YEAR.fullmatch(periode):
        year = int(periode)
        return date(year - fenetre_annees, 1, 1), date(year + fenetre_annees, 12, 31)
    if quarter := _QUARTER.fullmatch(periode):
        year, number = int(quarter[1]), int(quarter[2])
        start = date(year, 3 * number - 2, 1)
        following = date(year + number // 4, 3 * number % 12 + 1, 1)
        return start, following - timedelta(days=1)
    school = _SCHOOL_YEAR.fullmatch(periode)
    if school and int(school[2]) == int(school[1]) + 1:
        return date(int(school[1]), 9, 1), date(int(school[2]), 8, 31)
    if _DATE.fullmatch(periode):
        try:
            day = date.fromisoformat(periode)
        except ValueError:
            raise ValueError(
                f"période illisible : {periode!r} n'est pas un jour du calendrier"
            ) from None
        return day, day
    raise ValueError(f"période illisible : {periode!r} (AAAA, AAAA-Tn, AAAA-MM-JJ ou AAAA-AAAA)")


def overlap(one: str, other: str) -> bool:
    """Whether two labels have a day in common: « 2021 » may be said of the 31/12/2021."""
    (start, end), (first, last) = bounds(one), bounds(other)
    return start <= last and first <= end


def year_of(periode: str) -> int:
    """The calendar year that a label names."""
    return int(periode[:4])


def preposition(periode: str) -> Preposition:
    """`au` before a day or a quarter, `en` before a year or a school year."""
    return "au" if _QUARTER.fullmatch(periode) or _DATE.fullmatch(periode) else "en"


def years_before(periode: str, annees: int) -> str:
    """The same period some years earlier: `2021-12-31`, 1 → `2020-12-31`."""
    return re.sub(r"(?:19|20)[0-9]{2}(?![0-9])", lambda y: str(int(y[0]) - annees), periode)


def in_words(periode: str) -> str:
    """The label as a French reader expects it: `31/12/2021`, `4e trimestre 2022`…"""
    if quarter := _QUARTER.fullmatch(periode):
        rank = "1er" if quarter[2] == "1" else f"{quarter[2]}e"
        return f"{rank} trimestre {quarter[1]}"
    if school := _SCHOOL_YEAR.fullmatch(periode):
        return f"année scolaire {school[1]}-{school[2]}"
    if _DATE.fullmatch(periode):
        return date.fromisoformat(periode).strftime("%d/%m/%Y")
    return periode
