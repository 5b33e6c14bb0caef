"""Whether a printed figure is a cell's value: the same, rounded, or another."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Literal

from quality.citations.numbers_in_text import Figure
from warehouse.domain.format import arrondi

Accord = Literal["conforme", "arrondi"]
#: Points between a fraction (« un sur trois ») and the share that it stands for.
_FRACTION = 2
#: And where it is said to be passed, or not reached.
_PASSED = 10


def agreement(figure: Figure, valeur: float, decimales: int, *, signe: int = 1) -> Accord | None:
    """None where it is another number.

    Args:
        decimales: those with which the dictionary shows the value.
        signe: -1 where the words around say a fall.
    """
    value = valeur * signe
    printed = figure.valeur
    if figure.environ:
        away = (Decimal(repr(value)) - printed) * (figure.borne or 1)
        most = _FRACTION if figure.fraction else max(_worth(figure), figure.pas)
        if figure.borne:
            # « Plus de 13 000 » of 13 204, « plus d'un sur trois » of 40 %.
            return "arrondi" if 0 <= away <= (_PASSED if figure.fraction else most) else None
        return "arrondi" if abs(away) <= most else None
    if figure.pas <= 1 and arrondi(value, min(figure.decimales, 9)) == printed:
        return "conforme" if figure.decimales >= decimales else "arrondi"
    worth = _worth(figure)
    if (
        worth >= (10 if figure.unite == "€" else 100)
        and abs(Decimal(repr(value)) - printed) * 2 <= worth
    ):
        return "arrondi"
    return None


def _worth(figure: Figure) -> Decimal:
    """What the last digit that is not a closing 0 is worth: 1 200 is to the hundred; two digits
    at least say something."""
    # By Decimal: Python writes no whole number of more than 4,300 digits.
    digits = f"{abs(figure.valeur).to_integral_value(ROUND_DOWN):f}"
    zeros = len(digits) - len(digits.rstrip("0"))
    if figure.decimales or len(digits) - zeros < 2:
        zeros = 0 if len(digits) < 3 or figure.decimales else max(len(digits) - 2, 0)
    return max(Decimal(10) ** zeros, figure.pas)
