"""What `qpv explain` says, as plain facts. Reads nothing, words nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

from warehouse.domain.statuts import masked_here
from warehouse.domain.types_territoire import sets

#: Statuts of our own masks: what they hide is never shown, nor what would give it back.
CONFIDENTIELS = masked_here()

Role = Literal["niveau", "comparaison"]


@dataclass(frozen=True)
class Territoire:
    """One row of dim_territoire."""

    code: str
    type: str
    libelle: str
    libelle_long: str
    perimetre: str
    departement: str | None
    epci: str | None
    est_metropole: bool | None
    nb_qpv: int | None

    @property
    def est_ensemble(self) -> bool:
        """A set of whole QPV, whose figures may be recomposed."""
        return self.type in sets()


@dataclass(frozen=True)
class Indicateur:
    """One row of dim_indicateur."""

    code: str
    libelle: str
    unite: str
    type: str
    arrondi: int
    definition: str
    agregation: str
    formule: str
    citation: str | None
    producteur: str | None
    periode: str | None
    comparaison: str | None


class Valeur(NamedTuple):
    """A value and its statut; `valeur` is None unless the statut is `diffuse`."""

    valeur: float | None
    statut: str
    motif: str | None

    @classmethod
    def lue(cls, valeur: float | None, statut: str, motif: str | None) -> Valeur:
        """As read, without a value that its statut does not allow."""
        return cls(valeur if statut == "diffuse" else None, statut, motif)


@dataclass(frozen=True)
class Source:
    """One row of dim_source: a file that the edition names, read or absent."""

    source_id: str
    millesime: str
    titre: str
    producteur: str
    page: str | None
    licence: str
    confiance: str
    remarque: str | None
    fichier: str
    sha256: str | None
    etat: str


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
class Part:
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
    parts: list[Part] = field(default_factory=list)
    numerateur: float | None = None
    denominateur: float | None = None


class Voisin(NamedTuple):
    """The same indicator and period for a territory that a fiche shows beside this one."""

    code: str
    libelle: str
    valeur: Valeur


@dataclass(frozen=True)
class Chiffre:
    """One row of fct_indicateur and what stands behind it."""

    role: Role
    periode: str | None
    debut: date | None
    fin: date | None
    valeur: Valeur
    sources: list[Source]
    entrees: Entrees
    sans_valeur: list[tuple[str, str, Valeur]]  # QPV of the set: code, label, what it says
    voisins: list[Voisin]


@dataclass(frozen=True)
class Evolution:
    """One row of fct_evolution; the three figures are None unless the statut is `diffuse`.

    `comparaison` is None where the figure has no past: the motif says why.
    """

    periode: str
    comparaison: str | None
    nb: float | None
    pct: float | None
    pts: float | None
    statut: str
    motif: str | None
    comparabilite: str | None
    verdict: Verdict | None = None


class Verdict(NamedTuple):
    """The rules that decided an evolution's verdict, by number, and who states them."""

    regle: str
    document: str | None


class Interdit(NamedTuple):
    """What a rule of comparability forbids to set beside a figure; `document`: who states it."""

    regle: str
    avec: str
    pourquoi: str
    document: str | None

    @classmethod
    def lu(cls, row: Mapping) -> Interdit:
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
    indicateur: Indicateur
    chiffres: list[Chiffre]
    evolution: Evolution | None
    recouvrements: list[Recouvrement]
    passage_connu: bool
    epci_touches: list[str]
    interdits: list[Interdit]


@dataclass(frozen=True)
class Explication:
    """Everything known of one indicator for one territory in one release."""

    release_id: str
    titre: str
    contexte: Contexte
    limites: list[Limite]
