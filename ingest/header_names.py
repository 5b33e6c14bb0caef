"""How a header is written (placeholders) and compared. Knows no file and no source."""

from __future__ import annotations

import re

from warehouse.periods import year_of


def header_key(header: str) -> str:
    """A header as compared: surrounding blanks and case do not count, nothing else is forgiven."""
    return re.sub(r"\s+", " ", header.replace("\ufeff", "")).strip().casefold()


def fill(pattern: str, millesime: str, periode: str | None = None) -> str:
    """A pattern with `{yyyy}`, `{yy}` (the millésime) and `{an}` (the period's year) replaced."""
    text = pattern.replace("{yyyy}", millesime).replace("{yy}", millesime[2:4])
    return text.replace("{an}", str(year_of(periode))) if periode else text
