"""From the text of a printed number to that number, or why it is none. Knows no file, no statut.

A column writes its numbers in one way, and what one cell leaves open the others may show: `12,345`
is read once they do, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

#: Characters that producers put between thousands: space, NBSP, thin NBSP, thin and figure space.
_SPACES = " \u00a0\u202f\u2009\u2007"
#: Characters that nobody sees, which copies of pages leave around a number.
_UNSEEN = "\u200b\u2060\ufeff\u200e\u200f"
#: Longer, a text is no figure of a territory.
_LONGEST = 40
_WHOLE = rf"[0-9]+|[1-9][0-9]{{0,2}}(?:[{_SPACES}][0-9]{{3}})+"
#: One mark at most: `1731`, `1 731,5`, and `1,731`, which is not known yet.
_ONE_MARK = re.compile(rf"([+\-−]?)({_WHOLE})(?:([.,])([0-9]+))?")
#: Thousands by a mark, and no doubt of it: `1,234,567`, `1,731.5`.
_GROUPED = re.compile(
    r"([+\-−]?)([1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.)([0-9]+)"
    r"|([+\-−]?)([1-9][0-9]{0,2}(?:\.[0-9]{3})+)(,)([0-9]+)"
    r"|([+\-−]?)([1-9][0-9]{0,2}(?:(?:,[0-9]{3}){2,}|(?:\.[0-9]{3}){2,}))()()"
)
_OPEN = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}")

#: Excel in English and in French, LibreOffice.
_ERROR = re.compile(
    r"#(N/A|N/D|(DIV/0|REF|VALUE|VALEUR|NUM|NOMBRE|NULL|NUL|SPILL|CALC|ERREUR|PROPAGATION|BLOQUÉ"
    r"|EPARS|FIELD|CHAMP)!|(NAME|NOM)\?)|ERR ?: ?[0-9]{3}",
    re.IGNORECASE,
)
#: What every such error holds: most cells are told apart by it alone.
_ERROR_MARK = re.compile(r"#|err", re.IGNORECASE)
_THRESHOLD = re.compile(r"[<>≤≥].*", re.DOTALL)
_SIGN = re.compile(r"[-–—−/.:…*x?_]+|(?:[a-z]\.?){1,3}", re.IGNORECASE)
_FLAG = re.compile(r"true|false|vrai|faux", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}.*", re.DOTALL)
_EXPONENT = re.compile(r"[+\-−]?[0-9]+([.,][0-9]+)?[eE][+\-−]?[0-9]+")
_NOTE = re.compile(
    rf"(.*[0-9%])[{_SPACES}]*(\*+|\([^()]{{1,12}}\)|\[[^\[\]]{{1,12}}\]|[¹²³⁰⁴-⁹ᵃ-ᶻªº]+|[a-z]{{1,2}})",
    re.DOTALL | re.IGNORECASE,
)

#: How a column of shares writes them, where it is declared: 46.3 or 0.463.
Ecriture = Literal["pourcent", "fraction"]
Role = Literal["decimal", "thousands"]
_ROLES: dict[bool, Role] = {True: "decimal", False: "thousands"}
#: What a mark followed by three digits may be: a column of whole numbers has no decimals, one of
#: shares or ratios no thousands, and of the rest nothing is known.
Ambigu = Literal["entier", "decimal", "refus"]


class NotANumber(ValueError):
    """A text that is no number; `est_signe`: it may stand for one that is not printed.

    `attendu`, `faire`: what was expected and what can help, in French.
    """

    def __init__(self, quoi: str, attendu: str, faire: str, *, est_signe: bool = False) -> None:
        super().__init__(quoi)
        self.quoi = quoi
        self.attendu = attendu
        self.faire = faire
        self.est_signe = est_signe


@dataclass(frozen=True)
class Number:
    """A number as Python writes it, its decimals as printed; `percent`: the sign % follows it."""

    text: str
    percent: bool

    @property
    def value(self) -> float:
        """Never -0.0."""
        return float(self.text) + 0.0

    @property
    def decimals(self) -> int:
        return len(self.text.partition(".")[2])


@dataclass(frozen=True)
class Habit:
    """How the cells of a column write numbers: the marks that they show as decimal, as thousands.

    `whole`: the one mark of a column that is otherwise of whole numbers below 1000.
    """

    decimal: frozenset[str] = frozenset()
    thousands: frozenset[str] = frozenset()
    whole: str | None = None

    def role(self, mark: str, ambigu: Ambigu) -> Role | None:
        """What a mark between 1 to 3 digits and 3 others is; None when nothing shows it."""
        decimal = mark in self.decimal or bool(self.thousands - {mark})
        if decimal or mark in self.thousands:
            return None if decimal and mark in self.thousands else _ROLES[decimal]
        if ambigu == "entier" and mark == self.whole:
            return "thousands"
        return "decimal" if ambigu == "decimal" else None


UNKNOWN = Habit()


def bare(text: str) -> str:
    """A cell without what surrounds it and says nothing."""
    return text.strip().strip(_UNSEEN).strip()


def is_error(text: str) -> bool:
    """Whether a cell holds the error of a spreadsheet (`#N/A`), in a column of any nature."""
    return _ERROR_MARK.search(text) is not None and _ERROR.fullmatch(bare(text)) is not None


def habit_of(texts: Iterable[str]) -> Habit:
    """What the cells of a column show of how it writes its numbers; nothing where none asks."""
    cells = {bare(text) for text in set(texts)}
    if not any(cell.rstrip("%" + _SPACES)[-4:-3] in (".", ",") for cell in cells):
        return UNKNOWN
    decimal, thousands, left_open = set(), set(), set()
    small = large = False
    for cell in cells:
        number, _ = _split(cell)
        if found := _GROUPED.fullmatch(number):
            _, whole, mark, _ = _parts(found)
            thousands.add("," if "," in whole else ".")
            decimal |= {mark} - {""}
        elif found := _ONE_MARK.fullmatch(number):
            _, whole, mark, _ = found.groups()
            if not mark:
                small, large = small or len(whole) < 4, large or len(whole) >= 4
            elif _OPEN.fullmatch(number.lstrip("+-−")):
                left_open.add(mark)
            else:
                decimal.add(mark)
    sure = small and not large and not decimal and len(left_open) == 1
    whole_mark = next(iter(left_open)) if sure else None
    return Habit(frozenset(decimal), frozenset(thousands), whole_mark)


@lru_cache(maxsize=65536)
def read_number(text: str, habit: Habit = UNKNOWN, ambigu: Ambigu = "refus") -> Number:
    """The number that a cell prints.

    Args:
        text: the cell; blanks around it do not count.
        habit: what the other cells of its column show (`habit_of`).
        ambigu: what is known of the column besides.

    Raises:
        NotANumber: it is none, or it can be two.
    """
    number, percent = _split(text)
    if found := _GROUPED.fullmatch(number):
        sign, whole, _, decimals = _parts(found)
        return _number(sign, whole, decimals, percent)
    found = _ONE_MARK.fullmatch(number)
    if not found:
        raise _reason(bare(text))
    sign, whole, mark, decimals = found.groups()
    if mark and _OPEN.fullmatch(number.lstrip("+-−")):
        role = habit.role(mark, ambigu)
        if role is None:
            raise NotANumber(
                "un nombre qui peut en être deux",
                f"un nombre sans ambiguïté : « {mark} » peut séparer ici des milliers ou des "
                "décimales, et le reste de la colonne ne le montre pas",
                "écrire toute la colonne avec des espaces entre les milliers, ou sans séparateur",
            )
        if role == "thousands":
            whole, decimals = whole + decimals, ""
    return _number(sign, whole, decimals, percent)


def is_number(text: str) -> bool:
    """Whether a text is a number, of whatever column."""
    number, _ = _split(text)
    return bool(_GROUPED.fullmatch(number) or _ONE_MARK.fullmatch(number))


def look_like_fractions(numbers: Iterable[Number]) -> bool:
    """Whether all the shares of a column are written 0 to 1: not one above, and not by tenths.

    A share printed with its % is never one. Small shares by tenths (0.3, 0.8) are left alone.
    """
    shares = decimals = 0
    for number in numbers:
        if number.percent or not number.value:
            continue
        if abs(number.value) > 1:
            return False
        shares, decimals = shares + 1, max(decimals, number.decimals)
    return shares > 1 and decimals > 1


def from_fraction(number: Number) -> Number:
    """The share in % of a number written 0 to 1; one that is followed by % is in % already."""
    if number.percent:
        return number
    return Number(format(Decimal(number.text).scaleb(2), "f"), percent=True)


@lru_cache(maxsize=65536)
def _split(text: str) -> tuple[str, bool]:
    """The number and whether a % follows it."""
    number = bare(text)
    if len(number) > _LONGEST:
        return "", False
    cut = number.removesuffix("%")
    return (cut.rstrip(_SPACES), True) if cut != number else (number, False)


def _parts(found: re.Match[str]) -> list[str]:
    """sign, whole part, mark and decimals of the branch of `_GROUPED` that matched."""
    groups = found.groups()
    return next([*groups[i : i + 4]] for i in (0, 4, 8) if groups[i] is not None)


def _number(sign: str, whole: str, decimals: str | None, percent: bool) -> Number:
    digits = re.sub(r"[^0-9]", "", whole)
    minus = "-" if sign and sign in "-−" else ""
    return Number(f"{minus}{digits}" + (f".{decimals}" if decimals else ""), percent)


def _reason(text: str) -> NotANumber:
    """Why a text is no number, from what it looks like; the text itself is not repeated."""
    expected = "un nombre comme 1731, 1 731 ou 46,3"
    clean = "écrire le nombre seul dans la case"
    if len(text) > _LONGEST:
        return NotANumber("pas un nombre : un texte trop long", expected, clean)
    if is_error(text) or text.startswith("#"):
        return NotANumber(
            "une erreur de tableur",
            expected,
            "corriger la formule dans le classeur d'origine, ou demander la valeur à qui l'a fait",
        )
    if _THRESHOLD.fullmatch(text):
        return NotANumber("un seuil, non un nombre", expected, clean, est_signe=True)
    if _FLAG.fullmatch(text):
        return NotANumber("un vrai ou faux, non un nombre", expected, clean)
    if _SIGN.fullmatch(text):
        return NotANumber("un signe, non un nombre", expected, clean, est_signe=True)
    if _DATE.fullmatch(text):
        return NotANumber(
            "une date, non un nombre",
            expected,
            "remettre la case au format nombre : le tableur a pris le chiffre pour une date",
        )
    if _EXPONENT.fullmatch(text):
        return NotANumber(
            "un nombre arrondi par le tableur (notation scientifique)",
            expected,
            "remettre la colonne au format nombre avant d'enregistrer",
        )
    if (note := _NOTE.fullmatch(text)) and is_number(note[1]):
        return NotANumber(
            "un renvoi de note collé au nombre",
            f"{expected}, sans renvoi",
            "ôter le renvoi de la case ; s'il change le sens du chiffre, le dire ailleurs",
        )
    if not any(c.isdigit() for c in text):
        return NotANumber("un mot, non un nombre", expected, clean, est_signe=True)
    if is_number(re.sub(rf"[{_SPACES}]+", "", text)):
        return NotANumber(
            "des espaces qui ne séparent pas des milliers",
            f"{expected} ; deux nombres dans une case, ou un chiffre perdu, se lisent ainsi",
            clean,
        )
    return NotANumber("pas un nombre", expected, clean)
