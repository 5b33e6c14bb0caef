"""Codes and names that hands wrote almost alike, and lists of them in messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from ..refused import in_words

#: Codes, names or lines that a message names; the others are counted.
NAMED = 5


def fold(text: str) -> str:
    """A code without what hands and spreadsheets change: case, accents, signs, leading zeros."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", re.sub(r"[^0-9a-z*]", "", plain.casefold()))


def near(name: str, names: Iterable[str]) -> str | None:
    """The one of `names` that was surely meant; two names of other digits are two things."""
    others = [n for n in names if n != name]
    for other in others:
        if fold(other) == fold(name):
            return other
    digits = re.sub(r"\D", "", name)
    alike = [n for n in others if re.sub(r"\D", "", n) == digits]
    return next(iter(get_close_matches(name, alike, 1, 0.8)), None)


def listed(names: Collection[str]) -> str:
    """The first names, and how many more."""
    shown = [f"« {n} »" for n in list(names)[:NAMED]]
    left = len(names) - len(shown)
    return in_words([*shown, f"{left} de plus"] if left > 0 else shown)
