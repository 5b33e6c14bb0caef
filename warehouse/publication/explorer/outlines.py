"""The outlines that the explorer draws, as short lists of whole numbers. Simplifies nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

#: Of a degree: a metre for a quarter, ten metres for the places under them.
METRES, DIZAINES = 100_000, 10_000

#: Polygons, each its outer ring and its holes; of a ring, the first point, then each one's step
#: from the one before, without the last, which is the first.
Trace = list[list[list[int]]]


def trace(geometry: dict[str, Any], step: int) -> Trace:
    """A geometry in whole numbers of `1 / step` degree."""
    said = geometry["coordinates"]
    polygons = said if geometry["type"] == "MultiPolygon" else [said]
    drawn = [[_ring(ring, step) for ring in polygon] for polygon in polygons]
    return [polygon for polygon in drawn if len(polygon[0]) >= 6]


def _ring(points: Iterable[Iterable[float]], step: int) -> list[int]:
    at_x = at_y = 0
    flat: list[int] = []
    for x, y in ((round(x * step), round(y * step)) for x, y in list(points)[:-1]):
        if (x, y) == (at_x, at_y) and flat:
            continue
        flat += (x - at_x, y - at_y)
        at_x, at_y = x, y
    return flat
