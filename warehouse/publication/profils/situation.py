"""Where a place is: its départements on France, or its island alone, as a small drawing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

_CONTOURS = Path(__file__).parent / "vendor" / "departements.json"
_FOND, _ICI, _QUARTIER = "#CBD4DD", "#1F5C99", "#E69F00"
#: px; a smaller département is a disc. A quarter is a dot, larger where it is alone.
_VISIBLE, _DISQUE, _SEUL, _PARMI = 5, 3, 3, 1.6

Anneau = list[list[float]]
Point = tuple[float, float]


@cache
def _contours() -> dict:
    return json.loads(_CONTOURS.read_text(encoding="utf-8"))


def draw_situation(
    departements: Sequence[str], noms: Sequence[str], quartiers: Sequence[Point] = ()
) -> str:
    """The map of the départements where a place lies, its quarters as dots; empty where no outline
    is here.

    Args:
        quartiers: longitude and latitude of each that has a place.
    """
    known = [d for d in departements if d in _contours()["departements"]]
    if not known:
        return ""
    said = escape(f"Carte : {', '.join(noms)}", quote=True)
    alone = _contours()["departements"][known[0]]
    if "largeur" in alone:
        width, height = alone["largeur"], alone["hauteur"]
        marks, projection = _path(alone["anneaux"], _ICI), alone["projection"]
    else:
        france = _contours()["france"]
        width, height = france["largeur"], france["hauteur"]
        marks, projection = _path(france["anneaux"], _FOND), france["projection"]
        marks += "".join(_ici(_contours()["departements"][d]["anneaux"]) for d in known)
    marks += _dots(quartiers, projection, width, height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-2 -2 {width + 4} {height + 4}"'
        f' role="img" aria-label="{said}">{marks}</svg>'
    )


def _dots(
    quartiers: Sequence[Point], projection: dict[str, Point], width: float, height: float
) -> str:
    """Those that fall on the drawing."""
    (ax, bx), (ay, by) = projection["x"], projection["y"]
    radius = _SEUL if len(quartiers) == 1 else _PARMI
    spots = [(ax * lon + bx, ay * lat + by) for lon, lat in quartiers]
    return "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{_QUARTIER}" stroke="#FFFFFF"'
        f' stroke-width="{radius / 4:g}"/>'
        for x, y in spots
        if 0 <= x <= width and 0 <= y <= height
    )


def _ici(rings: list[Anneau]) -> str:
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    if max(xs) - min(xs) >= _VISIBLE:
        return _path(rings, _ICI)
    middle = f'cx="{(min(xs) + max(xs)) / 2:.1f}" cy="{(min(ys) + max(ys)) / 2:.1f}"'
    return f'<circle {middle} r="{_DISQUE}" fill="{_ICI}"/>'


def _path(rings: list[Anneau], fill: str) -> str:
    drawn = "".join("M" + "L".join(f"{x:g} {y:g}" for x, y in ring) + "z" for ring in rings)
    return f'<path d="{drawn}" fill="{fill}"/>'
