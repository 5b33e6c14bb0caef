"""What a one-page sheet knows of a release, as lookups: models only. Reads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from warehouse.publication.attendus import Attendu
from warehouse.release.published import (
    FichierPublie,
    IndicateurPublie,
    Rattachement,
    Territoire,
)

#: code_indicateur, code_territoire
Cle = tuple[str, str]


class Niveau(NamedTuple):
    """A figure of the period put forward; `valeur` is None unless its statut is `diffuse`."""

    periode: str
    valeur: float | None
    statut: str
    motif: str
    source: tuple[str, str] | None
    tierce: bool


class Mouvement(NamedTuple):
    """A figure between the oldest comparable period and its own; else why there is none."""

    depuis: str | None
    avant: float | None
    nb: float | None
    pct: float | None
    pts: float | None
    statut: str
    reserve: str


class Bande(NamedTuple):
    """All the quarters that have a figure: how many, the ends, the middle half and the median."""

    nombre: int
    bas: float
    premier_quart: float
    mediane: float
    dernier_quart: float
    haut: float


class Position(NamedTuple):
    """A rank among quarters, 1 being the least favourable, and that of a move."""

    rang: int
    nombre: int
    cinquieme: int | None
    niveau: str
    depuis: str | None
    rang_mouvement: int | None
    nombre_mouvement: int | None
    mouvement: str


class EcartSuivi(NamedTuple):
    """A gap to a territory of comparison, and what it was at the oldest comparable period."""

    reference: str
    periode: str
    ecart: float
    unite: str
    depuis: str
    avant: float
    tendance: str
    reserve: str


class Point(NamedTuple):
    """A figure of a series; `joint`: the earlier period that it is joined to, if any.

    `voisine` and `refus`: the period just before, and why the two may not be joined, where so.
    """

    periode: str
    fin: date
    valeur: float
    joint: str | None
    voisine: str | None
    refus: str
    source: tuple[str, str] | None


@dataclass(frozen=True)
class Recueil:
    """The tables of a release that sheets read, in one perimeter.

    `attendus` by indicator; `ouverts`: figures under an open plausibility finding.
    """

    perimetre: str
    territoires: dict[str, Territoire]
    epci: dict[str, list[Rattachement]]
    communes: dict[str, list[Rattachement]]
    indicateurs: dict[str, IndicateurPublie]
    niveaux: dict[Cle, Niveau]
    mouvements: dict[Cle, Mouvement]
    bandes: dict[str, Bande]
    usages: dict[tuple[str, str], float]  # indicator, since: spread of the quarters' moves
    positions: dict[Cle, Position]
    ecarts: dict[Cle, list[EcartSuivi]]
    semblables: dict[str, list[tuple[str, int]]]  # quarter → those like it, known variables
    series: dict[Cle, list[Point]]
    fichiers: dict[tuple[str, str], FichierPublie]
    attendus: Mapping[str, Attendu] = field(default_factory=dict)
    ouverts: frozenset[Cle] = frozenset()

    def niveau(self, indicateur: str, territoire: str) -> Niveau | None:
        """A figure that has a value."""
        found = self.niveaux.get((indicateur, territoire))
        return found if found and found.valeur is not None else None
