"""Columns of counts that their producer rounded to a base: declared, or recognised and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: Bases that producers round to, the widest first.
BASES = (100, 10, 5)
#: Figures that must all be multiples: in exact counts, less than one chance in 300 000 (5**-8).
ENOUGH = 8


@dataclass(frozen=True)
class CountColumn:
    """The figures of one published column of counts, and the base that the map declares of it.

    `declaree`: None, nothing is said; 1, the counts are exact.
    """

    nom: str
    valeurs: Sequence[float]
    declaree: int | None


def recognised(columns: Sequence[CountColumn]) -> dict[str, int]:
    """Column of a table → base to which its figures are taken as rounded.

    A column alone where it has enough figures; else all those of the table of which the map says
    nothing, together: to choose among them those that are multiples would find some by chance.
    """
    silent = [c for c in columns if c.declaree is None]
    found = {c.nom: base for c in silent if (base := _base_of(c.valeurs))}
    together = _base_of([value for c in silent for value in c.valeurs])
    return {c.nom: found.get(c.nom) or together for c in silent if found.get(c.nom) or together}


def _base_of(values: Sequence[float]) -> int:
    """The widest base of which enough figures, 0 apart, are all multiples; 0 if none."""
    told = [v for v in values if v]
    if len(told) < ENOUGH:
        return 0
    return next((base for base in BASES if all(v % base == 0 for v in told)), 0)
