"""The types of territory: how each is called and coded, and what it is a set or a whole of."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, Field

from warehouse.base.layout import DOMAIN_DIR
from warehouse.base.strict import Strict, load_yaml


class TypeDeTerritoire(Strict):
    """One type, as `types_territoire.yml` says it."""

    libelle: str
    court: str
    prefixe: str
    forme: str = ""
    ensemble: bool = False
    entier: bool = False
    arrondi: bool = False
    publie: bool = True


class _Fichier(Strict):
    types: dict[str, TypeDeTerritoire] = Field(min_length=1)


@cache
def types_territoire() -> dict[str, TypeDeTerritoire]:
    """Code of each type → what is declared of it, in the order in which they are told."""
    return load_yaml(DOMAIN_DIR / "types_territoire.yml", _Fichier).types


def published_types() -> tuple[str, ...]:
    """Those that may have rows in the published tables."""
    return tuple(code for code, one in types_territoire().items() if one.publie)


def sets() -> tuple[str, ...]:
    """Those that put QPV together."""
    return tuple(code for code, one in types_territoire().items() if one.ensemble)


def wholes() -> tuple[str, ...]:
    """Published ones with all the inhabitants of their place, to which quarters are compared."""
    return tuple(c for c, one in types_territoire().items() if one.entier and one.publie)


def rounded_types() -> tuple[str, ...]:
    """Those whose counts producers may round; a quarter's are never."""
    return tuple(code for code, one in types_territoire().items() if one.arrondi)


def type_of(code: str) -> str | None:
    """The type of a territory, from how its code begins; None where no type's does."""
    found = [
        (len(t.prefixe), c) for c, t in types_territoire().items() if code.startswith(t.prefixe)
    ]
    return max(found)[1] if found else None


def code_pattern() -> str:
    """What the code of a territory is, as a regular expression."""
    forms = (re.escape(one.prefixe) + one.forme for one in types_territoire().values())
    return rf"^(?:{'|'.join(forms)})$"


def _published(code: str) -> str:
    if code not in published_types():
        raise ValueError(f"type de territoire inconnu ; un de : {', '.join(published_types())}")
    return code


#: The code of a published type, in a declared truth.
CodeDeType = Annotated[str, AfterValidator(_published)]
