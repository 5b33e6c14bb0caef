"""The types of territory: how each is called and coded, how they nest, which files have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Annotated, Self

from pydantic import Field, model_validator

from warehouse.base.layout import DOMAIN_DIR
from warehouse.base.strict import KeyFault, Strict, load_yaml, one_of

FICHIER = DOMAIN_DIR / "types_territoire.yml"


class TypeDeTerritoire(Strict):
    """One type, as `types_territoire.yml` says it."""

    libelle: str
    court: str
    prefixe: str
    forme: str = ""
    nom: str | None = None
    nom_de: str | None = None
    en_reference: str | None = None
    plusieurs: str = ""
    dit: str | None = None
    dedans: str | None = None
    parent: str | None = None
    ensemble: str | None = None
    tout: str | None = None
    hors: str | None = None
    reunit: str | None = None
    a_cheval: bool = False
    membres_entiers: bool = False
    membres_minimum: int = Field(default=1, ge=1)
    a_cote: list[str] = Field(default_factory=list)
    entier: bool = False
    poids: int = Field(default=1, ge=1)
    arrondi: bool = False
    par_perimetre: bool = False
    publie: bool = True
    epars: bool = False
    cles: list[str] = Field(default_factory=list)
    lignes: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_what_it_takes(self) -> Self:
        if self.entier and self.publie:
            for key in ("nom", "nom_de", "en_reference"):
                if not getattr(self, key):
                    raise KeyFault(key, "un type entier et publié le dit")
        if self.ensemble and not self.tout:
            raise KeyFault("tout", "un ensemble dit le type entier de son lieu")
        if self.hors and not (self.tout and self.entier and self.par_perimetre):
            raise KeyFault(
                "hors", "un reste est `entier`, `par_perimetre`, et dit son lieu (`tout`)"
            )
        if self.reunit and not (self.parent and self.entier and self.par_perimetre):
            raise KeyFault(
                "reunit", "une réunion est `entier`, `par_perimetre`, et dit où elle est (`parent`)"
            )
        return self


class _Types(Strict):
    types: dict[str, TypeDeTerritoire] = Field(min_length=1)

    @model_validator(mode="after")
    def _knows_what_it_names(self) -> Self:
        for code, one in self.types.items():
            for key in ("parent", "ensemble", "hors"):
                named = getattr(one, key)
                if named and named not in self.types:
                    raise KeyFault(f"types.{code}.{key}", f"type inconnu : {named!r}")
            wholes_named = [("tout", one.tout), ("reunit", one.reunit)]
            for key, named in (*wholes_named, *(("a_cote", beside) for beside in one.a_cote)):
                if named and named not in self.types:
                    raise KeyFault(f"types.{code}.{key}", f"type inconnu : {named!r}")
                if named and not self.types[named].entier:
                    raise KeyFault(f"types.{code}.{key}", f"{named!r} n'est pas `entier`")
            above = list(_above(self.types, code))
            if code in above:
                raise KeyFault(f"types.{code}.parent", f"en boucle : {' dans '.join(above)}")
        return self


def _above(types: dict[str, TypeDeTerritoire], code: str) -> Iterator[str]:
    """The types that one lies in, the nearest first; itself again where they go round."""
    parent = types[code].parent
    for _ in types:
        if parent is None:
            return
        yield parent
        parent = types[parent].parent


@cache
def types_territoire() -> dict[str, TypeDeTerritoire]:
    """Code of each type → what is declared of it, in the order in which they are told.

    Raises:
        QpvError: a key is unknown, a type is named that is not declared, or two hold each other.
    """
    return load_yaml(FICHIER, _Types).types


def published_types() -> tuple[str, ...]:
    """Those that may have rows in the published tables."""
    return tuple(code for code, one in types_territoire().items() if one.publie)


def sets() -> tuple[str, ...]:
    """Those that put QPV together."""
    return tuple(code for code, one in types_territoire().items() if one.ensemble)


def wholes() -> tuple[str, ...]:
    """Published ones with all the inhabitants of their place, to which quarters are compared."""
    return tuple(c for c, one in types_territoire().items() if one.entier and one.publie)


@cache
def wholeness_of(cle: str) -> frozenset[bool]:
    """Whether a file of this key is about whole territories, about others, or about both."""
    types = types_territoire().values()
    return frozenset(one.entier for one in types if cle in (*one.cles, *one.lignes))


def rounded_types() -> tuple[str, ...]:
    """Those whose counts producers may round; a quarter's are never."""
    return tuple(code for code, one in types_territoire().items() if one.arrondi)


def references(code: str) -> tuple[str, ...]:
    """The wholes that a territory of this type is set beside: what is said, its own place, then
    what holds it."""
    types = types_territoire()
    chain = [
        *types[code].a_cote,
        types[code].tout,
        *(types[c].tout or c for c in _above(types, code)),
    ]
    return tuple(c for c in dict.fromkeys(chain) if c in wholes())


def levels(cle: str | None = None) -> tuple[str, ...]:
    """The types that figures of files enter, or of those whose keys name `cle`.

    A producer's own line of all its QPV and a local perimeter are none.
    """
    keys = {code: _keys(one) for code, one in types_territoire().items()}
    return tuple(code for code, own in keys.items() if (cle in own if cle else own))


def _keys(one: TypeDeTerritoire) -> set[str]:
    """What the keys name of the files that give it: its own, or each territory by its code."""
    return {*one.cles, *({"territoire"} & set(one.lignes))}


def type_of(code: str) -> str | None:
    """The type of a territory, from how its code begins; None where no type's does."""
    found = [
        (len(t.prefixe), c) for c, t in types_territoire().items() if code.startswith(t.prefixe)
    ]
    return max(found)[1] if found else None


def bears_perimeter(code: str) -> bool:
    """Whether rows of a territory say a perimeter of QPV."""
    kind = type_of(code)
    return kind is not None and types_territoire()[kind].par_perimetre


def whole_of(code: str) -> str | None:
    """The code of the place of a set or of a rest, with all its people: `QPV@DEP:59` → `DEP:59`."""
    types = types_territoire()
    kind = type_of(code)
    place = types[kind].tout if kind else None
    return types[place].prefixe + code.removeprefix(types[kind].prefixe) if kind and place else None


def without(code: str) -> tuple[str, str] | None:
    """For what is left of a place, the place and the set that it is without; else None."""
    types = types_territoire()
    kind = type_of(code)
    rest = types[kind] if kind else None
    if not (rest and rest.hors and rest.tout):
        return None
    key = code.removeprefix(rest.prefixe)
    return types[rest.tout].prefixe + key, types[rest.hors].prefixe + key


def code_pattern(kinds: Iterable[str] | None = None) -> str:
    """What the code of a territory is, or of one of these types, as a regular expression."""
    types = types_territoire()
    forms = (re.escape(types[code].prefixe) + types[code].forme for code in kinds or types)
    return rf"^(?:{'|'.join(forms)})$"


def pairs_with_references() -> list[tuple[str, str]]:
    """Published types, each with every whole that its territories are set beside."""
    return [(code, reference) for code in published_types() for reference in references(code)]


def coverages() -> list[tuple[str, str, bool]]:
    """What the keys of a file name, a published type that has rows there, whether it has all."""
    types = types_territoire()
    return [
        (cle, code, complete)
        for code in published_types()
        for complete, cles in ((True, types[code].cles), (False, types[code].lignes))
        for cle in cles
    ]


#: The code of a published type, in a declared truth.
CodeDeType = Annotated[str, one_of(published_types, "type de territoire inconnu")]
#: The code of a published type with all the inhabitants of its place.
CodeDeReference = Annotated[str, one_of(wholes, "type de comparaison inconnu")]
