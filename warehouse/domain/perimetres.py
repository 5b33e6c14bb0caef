"""The perimeters of QPV: how each codes its quarters, which one it replaced."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Self

from pydantic import Field, model_validator

from warehouse.base.layout import DOMAIN_DIR
from warehouse.base.strict import KeyFault, Strict, load_yaml, one_of

FICHIER = DOMAIN_DIR / "perimetres.yml"


class Perimetre(Strict):
    """One perimeter, as `perimetres.yml` says it."""

    libelle: str
    prefixe: str
    forme: str
    precedent: str | None = None
    lettres: dict[Annotated[str, Field(pattern="^[A-Z]$")], str] = Field(default_factory=dict)


class _Perimetres(Strict):
    perimetres: dict[Annotated[str, Field(pattern="^20[0-9]{2}$")], Perimetre] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        before: str | None = None
        for code, one in self.perimetres.items():
            if one.precedent != before:
                said = f"ici {before!r}, celui de la ligne d'avant" if before else "le premier"
                raise KeyFault(f"perimetres.{code}.precedent", f"périmètre attendu : {said}")
            if one.lettres and before is None:
                raise KeyFault(f"perimetres.{code}.lettres", "le premier ne suit aucun périmètre")
            before = code
        return self


@cache
def perimetres() -> dict[str, Perimetre]:
    """Code of each perimeter → what is declared of it, the oldest first.

    Raises:
        QpvError: a key is unknown, or one does not follow the one before it.
    """
    return load_yaml(FICHIER, _Perimetres).perimetres


def known_perimeters() -> tuple[str, ...]:
    """Their codes, the oldest first."""
    return tuple(perimetres())


def starts_anew(perimetre: str) -> bool:
    """Whether its quarters are not those of the perimeter before, if there is one."""
    return perimetre in perimetres() and perimetres()[perimetre].precedent is not None


def neighbour(perimetre: str) -> str | None:
    """The perimeter that readers would set beside this one: the one before, else the one after."""
    if perimetre not in perimetres():
        return None
    after = (code for code, one in perimetres().items() if one.precedent == perimetre)
    return perimetres()[perimetre].precedent or next(after, None)


def perimeter_of(code: str) -> str | None:
    """The perimeter whose quarters have such a code; None where it is no code of a QPV."""
    forms = ((p, one.prefixe + one.forme) for p, one in perimetres().items())
    return next((p for p, form in forms if re.fullmatch(form, code)), None)


def relations_of(perimetre: str) -> tuple[str, ...]:
    """The letters of its codes that say a relation; one empty where none does."""
    return tuple(perimetres()[perimetre].lettres) or ("",)


def relation_of(code: str, perimetre: str) -> str:
    """The letter of a quarter's code that says its relation; empty where its perimeter has none."""
    return code[-1] if perimetre in perimetres() and perimetres()[perimetre].lettres else ""


def relations() -> tuple[str, ...]:
    """How a quarter may relate to those of before."""
    said = (relation for one in perimetres().values() for relation in one.lettres.values())
    return tuple(dict.fromkeys(said))


#: The code of a perimeter, in a declared truth.
CodeDePerimetre = Annotated[str, one_of(known_perimeters, "périmètre inconnu")]
#: The same, empty for what is not of quarters.
PerimetreOuVide = Annotated[str, one_of(known_perimeters, "périmètre inconnu", vide=True)]
