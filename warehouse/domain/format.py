"""Figures and periods as a French reader expects them. Knows nothing of tables or pages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from warehouse.domain.periods import in_words

FINE = "\u202f"  # narrow no-break space: thousands, and before % or €
MOINS = "\u2212"

MOIS = ["janvier", "février", "mars", "avril", "mai", "juin"]
MOIS += ["juillet", "août", "septembre", "octobre", "novembre", "décembre"]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TRIMESTRE = re.compile(r"(\d{4})-T([1-4])")
_WIDE = Context(prec=400)  # a double has at most 309 digits before the point
_STEPS = [Decimal(1).scaleb(-n) for n in range(10)]


def arrondi(valeur: float, decimales: int) -> Decimal:
    """A double rounded half away from zero on its shortest writing, as every figure is shown.

    Raises:
        ValueError: not a finite number.
    """
    valeur = float(valeur)
    if not math.isfinite(valeur):
        raise ValueError(f"valeur non finie : {valeur}")
    return Decimal(repr(valeur)).quantize(_STEPS[decimales], ROUND_HALF_UP, _WIDE)


def nombre(valeur: float, decimales: int, *, signe: bool = False) -> str:
    """A double with a decimal comma, rounded as `arrondi` does.

    Args:
        decimales: decimals shown, 0 to 9.
        signe: write `+` before what is still positive once rounded (evolutions).

    Raises:
        ValueError: not a finite number.
    """
    rounded = arrondi(valeur, decimales)
    digits = f"{abs(rounded):,f}".replace(",", FINE).replace(".", ",")
    if rounded < 0:
        return MOINS + digits
    return "+" + digits if signe and rounded > 0 else digits


def avec_unite(texte: str, unite: str) -> str:
    """A figure and its unit; a ratio or an index has none to show."""
    return texte if unite in ("ratio", "indice") else typographie(f"{texte} {unite}")


def typographie(phrase: str) -> str:
    """Narrow no-break spaces before % € ? ! ;, as printed French has them."""
    return re.sub(r" (?=[%€?!;])", FINE, phrase)


def guillemets(label: str) -> str:
    """A label in French quotation marks that no line break parts from it."""
    return f"«\u00a0{label}\u00a0»"


def jour(d: date) -> str:
    """`1er janvier 2022`, `31 décembre 2021`."""
    return f"{'1er' if d.day == 1 else d.day} {MOIS[d.month - 1]} {d.year}"


def periode_longue(periode: str) -> str:
    """A period inside a sentence: `2019`, `31 décembre 2021`, `4e trimestre 2022`."""
    return jour(date.fromisoformat(periode)) if _DATE.fullmatch(periode) else in_words(periode)


def periode_courte(periode: str) -> str:
    """A period in a column header: `2019`, `31/12/2021`, `T4 2022`."""
    if quarter := _TRIMESTRE.fullmatch(periode):
        return f"T{quarter[2]} {quarter[1]}"
    return in_words(periode)


def intervalle(debut: str, fin: str) -> str:
    """From which period to which: `de 2011 à 2019`, `du T4 2016 au T4 2022`.

    Years alone when both are the same day of the year: the source line gives the day.
    """
    if _DATE.fullmatch(debut) and _DATE.fullmatch(fin) and debut[4:] == fin[4:]:
        debut, fin = debut[:4], fin[:4]
    de, a = ("de", "à") if len(debut) == 4 else ("du", "au")
    return f"{de} {periode_courte(debut)} {a} {periode_courte(fin)}"


def depuis(periode: str) -> str:
    """`par rapport à 2011`, `par rapport au 31 décembre 2016`."""
    return f"par rapport {'à' if len(periode) == 4 else 'au'} {periode_longue(periode)}"


def lettre(rang: int) -> str:
    """The call of the n-th note, from 0: a, b… z, aa, ab…"""
    text = ""
    rang += 1
    while rang:
        rang, digit = divmod(rang - 1, 26)
        text = chr(ord("a") + digit) + text
    return text


def phrase_de_lecture(modele: str, territoire: str, valeur: str, periode: str) -> str:
    """The indicator's `lecture` template filled in one pass, `de le` contracted to `du`.

    Args:
        territoire: with its article (`le quartier Elnon`); its own braces are left as they are.
    """
    if territoire.startswith("le "):
        for loose, contracted in (("de", "du"), ("à", "au")):
            modele = re.sub(rf"\b{loose} \{{territoire\}}", f"{contracted} {{_sans}}", modele)
    words = {
        "territoire": territoire,
        "_sans": territoire.removeprefix("le "),
        "valeur": valeur,
        "periode": periode,
    }
    modele = typographie(modele.strip().rstrip("."))
    return re.sub(r"\{(\w+)\}", lambda m: words.get(m[1], m[0]), modele)


def list_in_words(words: Iterable[str]) -> str:
    """`a`, `a et b`, `a, b et c`; empty without a word."""
    *most, last = [*words] or [""]
    return f"{', '.join(most)} et {last}" if most else last


def premiers(words: Sequence[str], most: int) -> str:
    """The first words, and how many others: `a, b et 3 autres`."""
    left = len(words) - most
    return ", ".join(words[:most]) + (f" et {left} autres" if left > 0 else "")


def propre(text: object) -> str:
    """A label on one line, without control or direction-changing characters."""
    label = str(text or "")
    if not label.isprintable():
        label = "".join(c if c.isprintable() else " " for c in label)
    return " ".join(label.split())
