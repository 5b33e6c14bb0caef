"""From one text cell to a number and its statut. Knows nothing of files or territories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from warehouse.base.numbers import (
    UNKNOWN,
    Ambigu,
    Ecriture,
    Habit,
    NotANumber,
    Number,
    bare,
    from_fraction,
    read_number,
)
from warehouse.declared.bornes import Bornes, bornes_of, in_words, is_within
from warehouse.domain.statuts import meanings

#: Words that producers print in place of a number, and the statut that each one means.
_WORDS = {
    "nd": ("non_disponible", "non disponible"),
    "n.d.": ("non_disponible", "non disponible"),
    "ns": ("secret_producteur", "non significatif"),
    "n.s.": ("secret_producteur", "non significatif"),
    "s": ("secret_producteur", "secret statistique"),
    "c": ("secret_producteur", "confidentiel"),
}
#: Types in which a sign % is the unit itself.
PARTS = ("part", "part_signee")
#: What `1,731` may be under each type; a type that is not here leaves it to the column.
_AMBIGU: dict[str, Ambigu] = {
    "effectif": "entier",
    "part": "decimal",
    "part_signee": "decimal",
    "ratio": "decimal",
}


class CellError(ValueError):
    """A cell that cannot be what its column says.

    `quoi`, `attendu`, `faire`: what it is, should be, and what can help; None where the number is
    read and its type refuses it. `est_signe`: the producer may mean something by it.
    """

    def __init__(
        self,
        attendu: str,
        quoi: str | None = None,
        faire: str | None = None,
        *,
        est_signe: bool = False,
    ) -> None:
        super().__init__(attendu)
        self.attendu = attendu
        self.quoi = quoi
        self.faire = faire
        self.est_signe = est_signe


def sense_of_sign(sign: str, signes: Mapping[str, str]) -> tuple[str, str] | None:
    """(statut, motif) of a sign, declared by its block or usual; None of any other text."""
    text = bare(sign)
    known = {declared.casefold(): statut for declared, statut in signes.items()}
    if statut := known.get(text.casefold()):
        return statut, f"le fichier porte « {text} » ({meanings()[statut]})"
    if word := _WORDS.get(text.lower()):
        return word[0], f"le fichier porte « {text.lower()} » ({word[1]})"
    return None


def read_as(text: str, kind: str, habit: Habit) -> Number:
    """The number of a cell under the type of its column, no bound judged.

    Raises:
        NotANumber: it is none.
    """
    return read_number(text, habit, _AMBIGU.get(kind, "refus"))


@dataclass(frozen=True)
class ColumnReading:
    """How the cells of a column are read.

    Attributes:
        kind: registry type of the column.
        bornes: lowest and highest value, where the column has its own.
        habit: how it writes its numbers.
        ecriture: how it writes its shares, where the registry says it.
    """

    kind: str
    bornes: Bornes | None = None
    habit: Habit = UNKNOWN
    ecriture: Ecriture | None = None


@lru_cache(maxsize=65536)
def parse_cell(text: str, reading: ColumnReading) -> tuple[float | None, str | None, str | None]:
    """One cell as (valeur, statut, motif); a blank gives (None, None, None).

    Raises:
        CellError: not a number, or a number outside what its column allows.
    """
    kind = reading.kind
    if bare(text) in ("", "."):
        return None, None, None
    if word := sense_of_sign(text, {}):
        return None, *word
    try:
        number = read_as(text, kind, reading.habit)
    except NotANumber as error:
        expected = f"{error.attendu}, une case vide, « nd », « ns », « s » ou « c »"
        raise CellError(expected, error.quoi, error.faire, est_signe=error.est_signe) from error
    if number.percent and kind not in PARTS:
        raise CellError(
            f"un nombre sans %, comme le veut le type {kind}",
            "un pourcentage, dans une colonne qui n'est pas de parts",
            "vérifier que c'est la bonne colonne, ou corriger le type de la mesure au registre",
        )
    value = (from_fraction(number) if reading.ecriture == "fraction" else number).value
    if kind == "effectif" and not value.is_integer():
        raise CellError("un effectif entier")
    limites = bornes_of(kind, reading.bornes)
    if not is_within(value, limites):
        if value < 0 and limites[0] == 0:
            raise CellError("une valeur positive ou nulle")
        what = "une part" if kind in PARTS else "une valeur"
        raise CellError(f"{what} {in_words(limites)}")
    return value, "diffuse", None
