"""What `qpv explain` says, as plain facts. Reads nothing, words nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from warehouse.domain.statuts import masked_here
from warehouse.release.published import (
    Chiffre,
    Evolution,
    FichierPublie,
    IndicateurPublie,
    Territoire,
    Valeur,
)

#: Statuts of our own masks: what they hide is never shown, nor what would give it back.
CONFIDENTIELS = masked_here()


@dataclass(frozen=True)
class Entree:
    """One term of the formula: the cell that was read for it, or why none was."""

    terme: str
    cote: str
    coefficient: float
    cellule: Valeur
    source_id: str | None
    millesime: str | None
    fichier: str | None
    ligne: int | None
    entete: str | None


@dataclass(frozen=True)
class Composant:
    """One QPV of a recomposed set, with its own terms; `retenue`: it counts in the value."""

    code: str
    libelle: str
    retenue: bool
    entrees: list[Entree]


#: How the value was made: own cells (published value or formula), whole QPV, share of a set, or
#: other indicators of the territory beside those of its territory of comparison.
Voie = Literal[
    "publiee",
    "formule",
    "recompose",
    "non_recomposable",
    "incomplet",
    "part_ensemble",
    "rapprochement",
]


@dataclass(frozen=True)
class Entrees:
    """The cells behind a value. `absence` says why they cannot be shown; then nothing else is."""

    absence: str | None = None
    faire: str | None = None
    voie: Voie = "formule"
    entrees: list[Entree] = field(default_factory=list)
    parts: list[Composant] = field(default_factory=list)
    numerateur: float | None = None
    denominateur: float | None = None


class Nomme(NamedTuple):
    """A figure of another territory, with the name of that one."""

    libelle: str
    chiffre: Chiffre


@dataclass(frozen=True)
class ChiffreExplique:
    """A figure and what stands behind it and beside it.

    `sans_valeur`: QPV of the set that have none. `voisins`: the same indicator and period for the
    territories that a fiche shows beside this one.
    """

    chiffre: Chiffre
    fichiers: list[FichierPublie]
    entrees: Entrees
    sans_valeur: list[Nomme]
    voisins: list[Nomme]


class RegleDuVerdict(NamedTuple):
    """The rules that decided an evolution's verdict, by number, and who states them."""

    regle: str
    document: str | None


class InterditPublie(NamedTuple):
    """What a rule of comparability forbids to set beside a figure; `document`: who states it."""

    regle: str
    avec: str
    pourquoi: str
    document: str | None

    @classmethod
    def lu(cls, row: Mapping) -> InterditPublie:
        """As a row of `limites` has it, in the quality folder of a release."""
        return cls(*(row[name] for name in cls._fields))


class Limite(NamedTuple):
    """What the figure may not be compared with, and why."""

    avec: str
    pourquoi: str


class Recouvrement(NamedTuple):
    """A QPV of the other perimeter that overlaps this one (passage_qpv)."""

    code: str
    libelle: str
    relation: str


@dataclass(frozen=True)
class Contexte:
    """What a comparability rule may look at."""

    territoire: Territoire
    indicateur: IndicateurPublie
    chiffres: list[ChiffreExplique]
    evolution: Evolution | None
    verdict: RegleDuVerdict | None
    recouvrements: list[Recouvrement]
    passage_connu: bool
    epci_touches: list[str]
    interdits: list[InterditPublie]


@dataclass(frozen=True)
class Explication:
    """Everything known of one indicator for one territory in one release."""

    release_id: str
    titre: str
    contexte: Contexte
    limites: list[Limite]
