"""Between which values a mesure or an indicator lies: one definition, for every door."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

#: (lowest, highest); None where there is no bound on that side.
Bornes = tuple[float | None, float | None]

#: What a type promises where nothing else is declared. A type without a line has no bound.
BORNES: dict[str, Bornes] = {
    "effectif": (0, None),
    "effectif_estime": (0, None),
    "montant": (0, None),
    "ratio": (0, None),
    "superficie": (0, None),
    "part": (0, 100),
    # A share of an income: taxes make its parts negative, hence another one above 100.
    "part_signee": (-100, 200),
    "ecart": (-100, 100),
}
SANS_BORNE: Bornes = (None, None)


def _ordered(value: Bornes) -> Bornes:
    low, high = value
    if low is not None and high is not None and low >= high:
        raise ValueError(f"la borne basse {low:g} n'est pas sous la borne haute {high:g}")
    return value


def _pair(value: object) -> object:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("deux bornes sont attendues : [basse, haute], null où il n'y en a pas")
    return tuple(value)


#: As YAML writes it: `[0, null]`.
BornesDeclarees = Annotated[Bornes, BeforeValidator(_pair), AfterValidator(_ordered)]


def bornes_of(kind: str, own: Bornes | None = None) -> Bornes:
    """The bounds of a type, or those declared in its place."""
    return own if own is not None else BORNES.get(kind, SANS_BORNE)


def is_within(value: float, bornes: Bornes) -> bool:
    """Whether a value respects bounds, which it may equal."""
    low, high = bornes
    return (low is None or value >= low) and (high is None or value <= high)


def scaled(bornes: Bornes, coefficient: float) -> Bornes:
    """The bounds of a multiple."""
    low, high = (None if b is None else b * coefficient for b in bornes)
    return (high, low) if coefficient < 0 else (low, high)


def difference(bornes: Bornes) -> Bornes:
    """The bounds of the difference of two values that both respect these."""
    low, high = bornes
    return SANS_BORNE if low is None or high is None else (low - high, high - low)


def contains(outer: Bornes, inner: Bornes) -> bool:
    """Whether every value of `inner` is one of `outer`."""
    low, high = inner
    below = outer[0] is None or (low is not None and low >= outer[0])
    return below and (outer[1] is None or (high is not None and high <= outer[1]))


def in_words(bornes: Bornes) -> str:
    """« entre 0 et 100 », « positive ou nulle », « sans borne »."""
    low, high = bornes
    if low is None and high is None:
        return "sans borne"
    if low == 0 and high is None:
        return "positive ou nulle"
    if high is None:
        return f"d'au moins {low:g}"
    return f"d'au plus {high:g}" if low is None else f"entre {low:g} et {high:g}"
