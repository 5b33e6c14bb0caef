"""How a header is written (placeholders). Knows no file and no source."""

from __future__ import annotations

from warehouse.domain.periods import year_of

#: What starts so in the registry is not known yet: a header or a period to read in a real file.
A_ETABLIR = "?"


def year_of_millesime(millesime: str) -> str:
    """`2021` of `2021` and of `2021-qp24`."""
    return millesime[:4]


def within(millesime: str, depuis: str | None, jusqua: str | None) -> bool:
    """Whether the year of a millésime is within two years, each of them included or absent."""
    year = year_of_millesime(millesime)
    return (depuis or year) <= year <= (jusqua or year)


def fill(pattern: str, millesime: str, periode: str | None = None) -> str:
    """A pattern with `{yyyy}`, `{yy}` (the millésime's year) and `{an}` (the period's) replaced."""
    year = year_of_millesime(millesime)
    text = pattern.replace("{yyyy}", year).replace("{yy}", year[2:])
    if periode is None or "{an}" not in text or periode.startswith(A_ETABLIR):
        return text
    return text.replace("{an}", str(year_of(periode)))
