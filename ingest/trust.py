"""How far a declared figure may be trusted: what it is about, who checked it. Reads no data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import Field

from warehouse.base.strict import KeyFault, Strict, one_of
from warehouse.domain.types_territoire import levels, type_of

#: What a figure may be about, beside what its key names: the communes where the quarter lies.
Sujet = Literal["communes"]


class Communes(Strict):
    """How a file tells which communes the figures of a block are about (`territoire: communes`).

    `liste`: the header of their names, separated by commas; a file may not have it. `temoin`: the
    mesure that cannot stay equal when they change, such as their population.
    """

    liste: str
    temoin: str


Texte = Annotated[str, Field(min_length=1)]
#: Beyond this many % (points for a share), a third party's figure is not the producer's.
ECART_TOLERE = 3.0


#: Every level, once; a producer's own line and a local perimeter are none.
LEVELS = levels()


class Portee(Strict):
    """The millésimes, blocks (none: all) and levels of territory that something is said of."""

    millesimes: list[str] = Field(min_length=1)
    blocs: list[str] = Field(default_factory=list)
    niveaux: list[Annotated[str, one_of(levels, "niveau inconnu")]] = Field(min_length=1)


class Verification(Portee):
    """A third party's figures against the producer's.

    `compare`: what with what; `document`: where the producer says it; `cellules`: how many;
    `ecart_maximal`: the largest gap, in % of the producer's figure, in points for a share.
    """

    compare: Texte
    document: Texte
    cellules: int = Field(gt=0)
    ecart_maximal: float = Field(ge=0, le=ECART_TOLERE)


class Refus(Portee):
    """Levels that a third party's figures do not enter, and why: readers are told."""

    motif: Texte


def niveau_of(code: str) -> str:
    """The level of a territory, from its code in the public contract: a quarter's, if none."""
    found = type_of(code)
    return found if found in LEVELS else "qpv"


def refused_of(
    refus: Iterable[Refus], millesime: str, blocs: Iterable[str]
) -> dict[tuple[str, str], str]:
    """(block, level of territory) that a third party's figures do not enter → why."""
    return {
        (bloc, niveau): one.motif
        for one in refus
        if millesime in one.millesimes
        for bloc in one.blocs or blocs
        for niveau in one.niveaux
    }


def unchecked(
    tierces: dict[str, list[str]],
    niveaux: list[str],
    verifications: list[Verification],
    refus: list[Refus],
) -> Iterator[KeyFault]:
    """The levels that a third party's figures would enter with nobody having checked them.

    Args:
        tierces: third-party millésime → its blocks.
        niveaux: those that the source's files may name.
    """
    said: dict[tuple[str, str, str], str] = {}
    for key, entries in (("verifications", verifications), ("niveaux_refuses", refus)):
        for index, one in enumerate(entries):
            for millesime in one.millesimes:
                place = f"{key}.{index}"
                if millesime not in tierces:
                    yield KeyFault(
                        f"{place}.millesimes", f"{millesime} n'est pas un millésime d'un tiers"
                    )
                    continue
                blocs = one.blocs or tierces[millesime]
                if unknown := [b for b in blocs if b not in tierces[millesime]]:
                    yield KeyFault(
                        f"{place}.blocs", f"le millésime {millesime} n'a pas {', '.join(unknown)}"
                    )
                for bloc in blocs:
                    for niveau in one.niveaux:
                        other = said.setdefault((millesime, bloc, niveau), key)
                        if niveau not in niveaux or other != key:
                            why = "est aussi vérifié" if other != key else "n'est pas de ce fichier"
                            yield KeyFault(f"{place}.niveaux", f"le niveau {niveau} {why}")
    for millesime, blocs in tierces.items():
        for bloc in blocs:
            for niveau in niveaux:
                if (millesime, bloc, niveau) not in said:
                    yield KeyFault(
                        "verifications",
                        f"le bloc {bloc} de {millesime} vient d'un tiers : il n'entre au niveau "
                        f"{niveau} qu'avec une vérification contre le chiffre du producteur, ou "
                        "un refus dans niveaux_refuses",
                    )
