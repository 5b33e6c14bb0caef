"""French for sheets: ordinals, towns, dates, moves. Knows no figure of a release."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from warehouse.declared.profile import LigneDeclaree
from warehouse.domain import format as f

_AN = re.compile(r"\d{4}(-\d{4})?")
_FIN = re.compile(r"\d{4}-12-31")
_ARTICLES = {"Le ": "au ", "Les ": "aux "}


def ordinal(rang: int, genre: str = "m") -> str:
    """`1er`, `1re`, `2e`, `1 204e`: the letters are raised by who prints."""
    if rang == 1:
        return "1er" if genre == "m" else "1re"
    return f"{f.nombre(rang, 0)}e"


def dans_la_ville(nom: str) -> str:
    """`à Denain`, `au Havre`, `aux Mureaux`, `à La Courneuve`."""
    for debut, devient in _ARTICLES.items():
        if nom.startswith(debut):
            return devient + nom.removeprefix(debut)
    return f"à {nom}"


def quand(periode: str) -> str:
    """A period as sheets write it: the last day of a year is its end."""
    return f"fin {periode[:4]}" if _FIN.fullmatch(periode) else f.periode_longue(periode)


def en_date(periode: str) -> str:
    """`en 2018`, `fin 2021`, `au 1er janvier 2022`, where a sentence tells a level."""
    if _FIN.fullmatch(periode):
        return quand(periode)
    return f"{'en' if _AN.fullmatch(periode) else 'au'} {quand(periode)}"


def depuis(periode: str) -> str:
    """`depuis 2013`, `depuis fin 2016`, `depuis le 1er janvier 2022`."""
    bare = _AN.fullmatch(periode) or _FIN.fullmatch(periode)
    return f"depuis {'' if bare else 'le '}{quand(periode)}"


def a_la_date(periode: str) -> str:
    """`à 2013`, `à fin 2016`, `au 1er janvier 2016`: what a period is compared with."""
    bare = _AN.fullmatch(periode) or _FIN.fullmatch(periode)
    return f"{'à' if bare else 'au'} {quand(periode)}"


def minuscule(label: str) -> str:
    """A label inside a sentence: its first letter small, unless it begins an acronym."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def capitale(phrase: str) -> str:
    """A sentence with its first letter in capital, the others as they are."""
    return phrase[:1].upper() + phrase[1:]


def imprime(texte: str) -> str:
    """Typographic apostrophes, and no line that begins with a colon."""
    return texte.replace("'", "’").replace(" : ", "\u00a0: ")


def arrondi(valeur: float, decimales: int) -> Decimal:
    """What is printed of a figure, as a number: what is said of it must be true of that."""
    return Decimal(repr(float(valeur))).quantize(Decimal(1).scaleb(-decimales), ROUND_HALF_UP)


def points(ecart: Decimal) -> str:
    """`6,0 points`, `1,5 point`: the plural starts at 2."""
    return f"{f.nombre(float(abs(ecart)), 1)}{chr(0xA0)}point{'s' if abs(ecart) >= 2 else ''}"


def extreme(ligne: LigneDeclaree, sens: str, *, defavorable: bool) -> str:
    """`le plus élevé`, `la plus basse`: which end of a rate is the unfavourable one, or not."""
    haut = (sens == "defavorable") == defavorable
    le = "le" if ligne.genre == "m" else "la"
    if haut:
        return f"{le} plus élevé{'e' if ligne.genre == 'f' else ''}"
    return f"{le} plus bas{'se' if ligne.genre == 'f' else ''}"
