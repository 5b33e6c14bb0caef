"""What a source or an indicator declares of its comparability over time. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from warehouse.base.strict import KeyFault, Strict
from warehouse.domain.periods import bounds
from warehouse.domain.types_territoire import CodeDeType

Effet = Literal["non_comparable", "reserve"]


def _readable(periode: str) -> str:
    bounds(periode)
    return periode


Periode = Annotated[str, AfterValidator(_readable)]
Texte = Annotated[str, Field(min_length=1)]


class EcartMinimal(Strict):
    """Fewest years between two periods; exactly as many is allowed.

    `document`: who says it, and where. `portee`: types of territory (empty: all).
    """

    annees: int = Field(gt=0)
    document: Texte
    portee: list[CodeDeType] = Field(default_factory=list)


class Rupture(Strict):
    """A definition, a method or a coverage that changed.

    `le`: the day, or the first period, from which the new one holds. `mesures`: those it touches
    (empty: all). `portee`: types of territory it touches (empty: all). `document`: who says it.
    """

    le: Periode
    mesures: list[str] = Field(default_factory=list)
    effet: Effet
    motif: Texte
    document: Texte
    portee: list[CodeDeType] = Field(default_factory=list)

    @property
    def jour(self) -> date:
        """The first day of the new regime."""
        return bounds(self.le)[0]


class Comparabilite(Strict):
    """The rules of one block. A block that declares none is compared with nothing.

    `comme`: the rules are those of this other block (`source.bloc`), whose home they are.
    `contours_epci`: period → outline of the EPCI (year of the official geographic code).
    """

    comme: str | None = Field(default=None, pattern=r"^[a-z_]+\.[a-z_]+$")
    ecart_minimal_annees: EcartMinimal | None = None
    ruptures: list[Rupture] = Field(default_factory=list)
    contours_epci: dict[Periode, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_its_own_rules_or_another_s(self) -> Comparabilite:
        if self.comme and (self.ecart_minimal_annees or self.ruptures):
            raise KeyFault("comme", "un bloc a ses propres règles, ou celles d'un autre bloc")
        return self


@dataclass(frozen=True)
class Fourniture:
    """One mesure that one block gives an edition at one period, and what the block declares.

    `choix`: what the edition chose the period for, None where it did not. `fenetre`: years of
    collection on each side of the named year. `contour`: year of the outlines of its EPCI, None if
    not known, empty where its files have none. `regles`: None when the block declares none.
    `sujet`: what the figure is about, where it is not what its key names. `millesime`: whose file
    gives it.
    """

    mesure: str
    choix: str | None
    bloc: str
    periode: str
    fenetre: int
    perimetre: str
    regles: Comparabilite | None
    contour: str | None = None
    provisoire: bool = False
    sujet: str | None = None
    millesime: str = ""
