"""From one text cell to a number and its statut. Knows nothing of files or territories."""

from __future__ import annotations

import re
from functools import lru_cache

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
def parse_cell(text: str, kind: str) -> tuple[float | None, str | None, str | None]:
    """One cell as (valeur, statut, motif); a blank gives (None, None, None).

    Args:
        text: the cell as the file has it.
        kind: registry type of the column.

    Raises:
        CellError: not a number, or a number outside what its type allows.
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
    if kind in ("effectif", "effectif_estime", "montant", "ratio", "part") and value < 0:
        raise CellError("une valeur positive ou nulle")
    if kind == "part" and value > 100:
        raise CellError("une part entre 0 et 100")
    if kind == "part_signee" and abs(value) > 1000:
        raise CellError("une part en %, même négative, entre -1000 et 1000")
    return value, "diffuse", None
