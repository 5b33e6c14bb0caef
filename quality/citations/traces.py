"""What may be found of a printed figure: one verdict, and the cell that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from warehouse.domain.statuts import statuts

Sort = Literal[
    "conforme",
    "arrondi",
    "autre_periode",
    "autre_territoire",
    "comparaison_interdite",
    "masque",
    "introuvable",
    "ambigu",
]
#: Those that let a text be printed as it is; `ambigu` leaves it to its author.
ADMIS: frozenset[Sort] = frozenset({"conforme", "arrondi", "ambigu"})
MASKED = frozenset({*(c for c, s in statuts().items() if s.secret), "non_diffuse"})
#: What one sort of refusal says before another, where no reading agrees.
ORDER: tuple[Sort, ...] = (
    "comparaison_interdite", "masque", "autre_periode", "autre_territoire", "introuvable"
)  # fmt: skip


@dataclass(frozen=True)
class Traced:
    """The verdict on one way of reading a claim, with the cell that it is about."""

    sort: Sort
    detail: str
    territoire: str = ""
    indicateur: str = ""
    periode: str = ""
    comparaison: str = ""
    #: The value of the release, where it is diffused.
    valeur: float | None = None

    @property
    def agrees(self) -> bool:
        return self.sort in ("conforme", "arrondi")


#: Every verdict in the order in which readers are told of them, in words.
TITRES: dict[Sort, str] = {
    "comparaison_interdite": "Comparaison interdite par une règle",
    "masque": "Masqué ou non diffusé dans la publication",
    "autre_periode": "Le chiffre d'une autre période",
    "autre_territoire": "Le chiffre d'un autre territoire",
    "introuvable": "Introuvable dans la publication",
    "ambigu": "Ambigu : à préciser avant de publier",
    "arrondi": "Arrondi",
    "conforme": "Conforme",
}
