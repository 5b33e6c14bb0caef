"""From one text cell to a number and its statut. Knows nothing of files or territories."""

from __future__ import annotations

import re
from functools import lru_cache

from warehouse.bornes import Bornes, bornes_of, in_words, is_within

#: Characters that producers put between thousands: space, NBSP, thin NBSP, thin space.
_SPACES = " \u00a0\u202f\u2009"
_THOUSANDS = dict.fromkeys(map(ord, _SPACES))
_NUMBER = re.compile(rf"[+-]?([0-9]+|[0-9]{{1,3}}([{_SPACES}][0-9]{{3}})+)([.,][0-9]+)?")
#: `12,345` is 12 345 for some and 12.345 for others; counts and amounts are never so precise.
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")

#: Words that producers print in place of a number, and the statut that each one means.
_WORDS = {
    "nd": ("non_disponible", "le fichier porte « nd » (non disponible)"),
    "ns": ("secret_producteur", "le fichier porte « ns » (non significatif)"),
    "s": ("secret_producteur", "le fichier porte « s » (secret statistique)"),
    "c": ("secret_producteur", "le fichier porte « c » (confidentiel)"),
}


class CellError(ValueError):
    """A cell that cannot be what its column says; `attendu` says what it should be."""

    def __init__(self, attendu: str) -> None:
        super().__init__(attendu)
        self.attendu = attendu


@lru_cache(maxsize=65536)
def parse_cell(
    text: str, kind: str, bornes: Bornes | None = None
) -> tuple[float | None, str | None, str | None]:
    """One cell as (valeur, statut, motif); a blank gives (None, None, None).

    Args:
        text: the cell as the file has it.
        kind: registry type of the column.
        bornes: those of the column, where it has its own.

    Raises:
        CellError: not a number, or a number outside what its column allows.
    """
    bare = text.strip()
    if bare in ("", "."):
        return None, None, None
    if word := _WORDS.get(bare.lower()):
        return None, *word
    if not _NUMBER.fullmatch(bare):
        raise CellError("un nombre, une case vide, « nd », « ns », « s » ou « c »")
    if kind in ("effectif", "montant") and _AMBIGUOUS.fullmatch(bare):
        raise CellError("un nombre sans ambiguïté : milliers séparés par une espace, ou décimales")
    value = float(bare.translate(_THOUSANDS).replace(",", ".")) + 0.0
    if kind == "effectif" and not value.is_integer():
        raise CellError("un effectif entier")
    limites = bornes_of(kind, bornes)
    if not is_within(value, limites):
        if value < 0 and limites[0] == 0:
            raise CellError("une valeur positive ou nulle")
        what = "une part" if kind in ("part", "part_signee") else "une valeur"
        raise CellError(f"{what} {in_words(limites)}")
    return value, "diffuse", None
