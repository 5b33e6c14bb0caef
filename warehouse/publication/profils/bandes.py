"""A figure on the band of all quarters, and a series, as small drawings. Chooses and reads nothing.

The same SVG stands in a page and in a PDF: no script, no style, no words but its description.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from warehouse.publication.profils.faits import Bande, Point

#: px
LARGEUR, HAUTEUR = 260, 26
COURBE_LARGEUR, COURBE_HAUTEUR = 110, 30
_BORD, _MILIEU = 7, 13
#: Fill and outline of a dot: what is not ranked is empty; tones differ in grey too.
TONS = {
    "defavorable": ("#C4500A", "#FFFFFF"),
    "favorable": ("#0072B2", "#FFFFFF"),
    "intermediaire": ("#7A8793", "#FFFFFF"),
    "": ("#FFFFFF", "#3A4550"),
}
#: Around a band, the mark of each comparator that has all the inhabitants.
_REPERES = {
    "commune": "M{x} 9l-4 -7h8z",
    "epci": "M{x} 17l-4 7h8z",
    "france": "M{x} 1v24",
    "france_entiere": "M{x} 1v24",
}
#: Of what a series spans, below which it would look as if it moved: % of its level.
_AMPLITUDE = 0.12


def draw_bande(
    bande: Bande | None,
    dits: Sequence[tuple[float, str]],
    reperes: Sequence[tuple[str, float]],
    description: str,
) -> str:
    """The strip of one indicator.

    Args:
        dits: the dots, each with its tone (a key of `TONS`).
        reperes: comparators by type, those that have a mark.
    """
    marks = [(kind, v) for kind, v in reperes if kind in _REPERES]
    values = [v for v, _ in dits] + [v for _, v in marks]
    if bande:
        values += [bande.bas, bande.haut]
    low, high = min(values), max(values)
    high = high if high - low > 1e-9 * max(1, abs(high)) else low + 1

    def x(value: float) -> str:
        return _px(_BORD + (value - low) / (high - low) * (LARGEUR - 2 * _BORD))

    parts = []
    if bande:
        wide = float(x(bande.dernier_quart)) - float(x(bande.premier_quart))
        parts.append(
            f'<path d="M{x(bande.bas)} {_MILIEU}H{x(bande.haut)}" stroke="#8A949E"'
            f' stroke-width="1.5"/><rect x="{x(bande.premier_quart)}" y="{_MILIEU - 5}"'
            f' width="{_px(wide)}" height="10" fill="#B9C4CF"/>'
            f'<path d="M{x(bande.mediane)} {_MILIEU - 5}v10" stroke="#4D5863" stroke-width="1.5"/>'
        )
    for kind, value in marks:
        line = kind.startswith("france")
        style = 'stroke="currentColor" stroke-dasharray="3 2"' if line else 'fill="currentColor"'
        parts.append(f'<path d="{_REPERES[kind].format(x=x(value))}" {style}/>')
    radius, edge = (5.5, 1.5) if len(dits) == 1 else (3.5, 0.8)
    for value, tone in dits:
        fill, stroke = TONS[tone]
        parts.append(
            f'<circle cx="{x(value)}" cy="{_MILIEU}" r="{radius}" fill="{fill}"'
            f' stroke="{stroke}" stroke-width="{edge}"/>'
        )
    return _svg(LARGEUR, HAUTEUR, parts, description)


def draw_courbe(points: Sequence[Point], devant: str, description: str) -> str:
    """A series: its points at their dates, joined where the release allows; `devant` stands out."""
    days = [p.fin.toordinal() for p in points]
    values = [p.valeur for p in points]
    low, high = min(values), max(values)
    least = _AMPLITUDE * max(abs(low), abs(high)) or 1
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    span = max(days) - min(days) or 1

    def x(day: int) -> str:
        return _px(6 + (day - min(days)) / span * (COURBE_LARGEUR - 12))

    def y(value: float) -> str:
        return _px(COURBE_HAUTEUR - 6 - (value - low) / (high - low) * (COURBE_HAUTEUR - 12))

    at = {p.periode: (x(d), y(p.valeur)) for p, d in zip(points, days, strict=True)}
    parts = []
    drawn: set[str] = set()
    for earlier, later in joined(points, devant):
        (x0, y0), (x1, y1) = at[earlier], at[later]
        parts.append(f'<path d="M{x0} {y0}L{x1} {y1}" stroke="currentColor" stroke-width="1.5"/>')
        drawn |= {earlier, later}
    for point in points:
        px, py = at[point.periode]
        fill = "currentColor" if point.periode in drawn else "#FFFFFF"
        radius = 3.5 if point.periode == devant else 1.8
        parts.append(
            f'<circle cx="{px}" cy="{py}" r="{radius}" fill="{fill}" stroke="currentColor"/>'
        )
    return _svg(COURBE_LARGEUR, COURBE_HAUTEUR, parts, description)


def joined(points: Sequence[Point], devant: str) -> list[tuple[str, str]]:
    """Which pairs of periods a line joins: back from what is put forward, then from the newest.

    Every allowed link at once would be a fan: comparability is not transitive, a line is a walk.
    """
    links = {p.periode: p.joint for p in points}
    found: list[tuple[str, str]] = []
    seen: set[str] = set()
    for start in (devant, *(p.periode for p in points[-1:])):
        later = start
        while later in links and later not in seen:
            seen.add(later)
            earlier = links[later]
            if earlier is None or earlier not in links:
                break
            found.append((earlier, later))
            later = earlier
    return found


def _svg(width: int, height: int, parts: Sequence[str], description: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        f' aria-label="{escape(description, quote=True)}">{"".join(parts)}</svg>'
    )


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
