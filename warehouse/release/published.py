"""What a release says, as values: one class for each kind of row that leaves. Reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from warehouse.domain.perimetres import relation_of
from warehouse.domain.types_territoire import sets

#: Which of the edition's two periods a figure is of.
Role = Literal["niveau", "comparaison"]


@dataclass(frozen=True, slots=True)
class Territoire:
    """A territory; a text is empty where it has none. `nb_qpv` counts the quarters of a set."""

    code: str
    type: str
    libelle: str
    libelle_long: str = ""
    perimetre: str = ""
    departement: str = ""
    epci: str = ""
    est_metropole: bool | None = None
    nb_qpv: int | None = None
    region: str = ""

    @property
    def est_ensemble(self) -> bool:
        """A set of whole QPV, whose figures may be recomposed."""
        return self.type in sets()

    @property
    def relation(self) -> str:
        """How a quarter relates to those of before, as rules of periods tell; empty of others."""
        return relation_of(self.code, self.perimetre) if self.type == "qpv" else ""

    @property
    def avec_communes(self) -> str:
        """Its label and its towns: where quarters of several towns stand in one list."""
        return self.libelle_long or self.libelle


@dataclass(frozen=True, slots=True)
class IndicateurPublie:
    """An indicator that is published, with the two periods that the edition shows of it."""

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
    lecture: str = ""


@dataclass(frozen=True, slots=True)
class FichierPublie:
    """A file that the edition names, of one millésime of a source: read, put aside or absent."""

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
    periodes: str | None

    @property
    def cle(self) -> tuple[str, str]:
        """Its source and millésime."""
        return self.source_id, self.millesime

    @property
    def est_tierce(self) -> bool:
        """Given by someone else than the producer."""
        return self.confiance == "tierce"


class Valeur(NamedTuple):
    """A value and its statut; `valeur` is None unless the statut is `diffuse`."""

    valeur: float | None
    statut: str
    motif: str | None

    @classmethod
    def lue(cls, valeur: float | None, statut: str, motif: str | None) -> Valeur:
        """As read, without a value that its statut does not allow."""
        return cls(valeur if statut == "diffuse" else None, statut, motif)


class Chiffre(NamedTuple):
    """A figure with all that goes with it. A tuple: a release has a million of them.

    `valeur` is None unless the statut is `diffuse`; `periode` is None without a source.
    """

    code_territoire: str
    perimetre: str
    code_indicateur: str
    role: Role
    periode: str | None
    debut: date | None
    fin: date | None
    valeur: float | None
    statut: str
    motif: str | None
    source_id: str | None
    millesime: str | None

    @property
    def cellule(self) -> Valeur:
        """Its value and statut alone."""
        return Valeur(self.valeur, self.statut, self.motif)


class Evolution(NamedTuple):
    """A figure between two periods; the three values are None unless the statut is `diffuse`.

    `comparaison` is None where the figure has no past: the motif says why.
    """

    code_territoire: str
    perimetre: str
    code_indicateur: str
    periode: str
    comparaison: str | None
    nb: float | None
    pct: float | None
    pts: float | None
    statut: str
    motif: str | None
    comparabilite: str | None


class Rattachement(NamedTuple):
    """A QPV and an EPCI or a commune that it touches; `part`: share of its people, 0 to 1.

    `habitants` live there, of the `population` of the whole quarter, by that source; EPCI only.
    `est_complet`: whether all the communes of the quarter are known; `entiere`: of a commune,
    the one in force that it is or is part of.
    """

    code_qpv: str
    perimetre: str
    code: str
    libelle: str | None
    part: float | None
    motif: str | None
    habitants: float | None = None
    population: float | None = None
    source_id: str | None = None
    millesime: str | None = None
    est_complet: bool = True
    entiere: str = ""
