"""Counts that are the sum of others: what every reader knows of figures, declared once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from warehouse.base.strict import Strict

#: The name of a mesure, or a regular expression that names several of its block.
Parts = Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]


class SommeDeclaree(Strict):
    """A count of a block is the sum of others of it, in every territory and at every period.

    `parts`: their names, or expressions that name several. `reste`: something of the total may be
    in none of them, and nothing is in two. `marge`: how far rounding leaves the sum from its total,
    in units.
    """

    total: str
    parts: Parts
    reste: bool = False
    marge: float = Field(default=0, ge=0)

    def parts_among(self, mesures: Iterable[str]) -> list[str]:
        """The mesures that are its parts, in the order of `mesures`."""
        forms = [re.compile(form) for form in self.parts]
        return [m for m in mesures if m != self.total and any(f.fullmatch(m) for f in forms)]


def somme_rows(sommes: Iterable[tuple[str, SommeDeclaree, list[str]]]) -> list[dict]:
    """Rows `somme`, `bloc`, `terme`, `coefficient`, `reste`, `marge`.

    A total less its parts lies within ±marge, or is -marge or more where there is a rest.

    Args:
        sommes: (block, declaration, its parts).
    """
    return [
        {
            "somme": number,
            "bloc": bloc,
            "terme": terme,
            "coefficient": 1.0 if terme == somme.total else -1.0,
            "reste": somme.reste,
            "marge": somme.marge,
        }
        for number, (bloc, somme, parts) in enumerate(sommes)
        for terme in (somme.total, *parts)
    ]
