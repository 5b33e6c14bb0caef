"""The statuts: why a value is there or missing, its sign in tables, whose secret it is."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from warehouse.base.layout import DOMAIN_DIR
from warehouse.base.strict import KeyFault, Strict, load_yaml, one_of

FICHIER = DOMAIN_DIR / "statuts.yml"
#: The statut of a value that is there; every other one is an absence.
DIFFUSE = "diffuse"


class Statut(Strict):
    """One statut, as `statuts.yml` says it."""

    libelle: str
    sens: str
    signe: str | None = None
    secret: Literal["producteur", "publication"] | None = None
    evolution_seule: bool = False
    case_vide: str | None = None
    signifie: str | None = None


class _Statuts(Strict):
    statuts: dict[str, Statut] = Field(min_length=2)

    @model_validator(mode="after")
    def _an_absence_alone_has_a_sign(self) -> Self:
        if DIFFUSE not in self.statuts:
            raise KeyFault("statuts", f"il manque {DIFFUSE!r}, le statut d'une valeur")
        for code, one in self.statuts.items():
            if (one.signe is None) != (code == DIFFUSE):
                said = "une absence a un signe, une valeur n'en a pas"
                raise KeyFault(f"statuts.{code}.signe", said)
        return self


@cache
def statuts() -> dict[str, Statut]:
    """Code of each statut → what is declared of it, in the order in which they are told.

    Raises:
        QpvError: a key is unknown, or an absence has no sign.
    """
    return load_yaml(FICHIER, _Statuts).statuts


def statuts_of_levels() -> tuple[str, ...]:
    """Those that a figure of one period may have."""
    return tuple(code for code, one in statuts().items() if not one.evolution_seule)


def statuts_of_evolutions() -> tuple[str, ...]:
    """Those that an evolution may have: a level's, then its own."""
    own = (code for code, one in statuts().items() if one.evolution_seule)
    return (*statuts_of_levels(), *own)


def masked_here() -> tuple[str, ...]:
    """Those of our own masks: what they hide is never shown, nor what would give it back."""
    return tuple(code for code, one in statuts().items() if one.secret == "publication")


def signe_de(statut: str) -> str:
    """What stands for a missing figure; one of an unknown statut is simply not there."""
    known = statuts().get(statut)
    return (known and known.signe) or "nd"


def sens_de(statut: str) -> str:
    """What a statut means, in words; one that is unknown says itself."""
    known = statuts().get(statut)
    return known.sens if known else statut


def blanks() -> dict[str, str]:
    """What a blank cell of a file may mean: statut → what is told of it."""
    return {code: one.case_vide for code, one in statuts().items() if one.case_vide}


def meanings() -> dict[str, str]:
    """What a sign of a file may mean: statut → in words."""
    return {code: one.signifie for code, one in statuts().items() if one.signifie}


#: What a blank cell may be declared to be.
StatutCaseVide = Annotated[str, one_of(blanks, "statut inattendu d'une case vide")]
#: What a sign in place of a number may be declared to be.
StatutSigne = Annotated[str, one_of(meanings, "statut inattendu d'un signe")]
