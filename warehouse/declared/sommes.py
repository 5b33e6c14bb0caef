"""Counts that are the sum of others: what every reader knows of figures, declared once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class SommeLue:
    """A declared sum read back from its rows: mesure → coefficient (1 the total, -1 its parts)."""

    bloc: str
    forme: dict[str, float]
    reste: bool
    marge: float


def sommes_of(rows: Iterable[Mapping]) -> list[SommeLue]:
    """The sums of rows of `somme_rows`, in their order; those of a file of masks name no block."""
    found: dict[int, SommeLue] = {}
    for row in rows:
        empty = SommeLue(row.get("bloc", ""), {}, row["reste"], row["marge"])
        found.setdefault(row["somme"], empty).forme[row["terme"]] = row["coefficient"]
    return [found[number] for number in sorted(found)]


def told_sums(rows: Iterable[Mapping], codes: Mapping[str, str]) -> list[dict]:
    """The sums as a release may tell them, by indicator: `total`, `parties`, `reste`, `marge`.

    A part that no indicator gives is a rest for whoever reads the others.

    Args:
        rows: of `somme_rows`; codes: mesure → the published indicator that is this count.
    """
    found = []
    for somme in sommes_of(rows):
        total, *parts = sorted(somme.forme, key=lambda m: somme.forme[m] < 0)
        told = [codes[m] for m in parts if m in codes]
        if total in codes and told:
            rest = somme.reste or len(told) < len(parts)
            known = {"total": codes[total], "parties": told, "reste": rest, "marge": somme.marge}
            found.append(known)
    return found


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
