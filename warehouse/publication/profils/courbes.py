"""A quarter's series beside those around it, as a drawing: marks as SVG, and words apart.

Two points are joined where the release allows; one that joins none is empty, and its reason is told
under the drawing. Chooses and reads nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from warehouse.publication.fiches.charts import Mot
from warehouse.publication.profils.bandes import joined
from warehouse.publication.profils.faits import Point

LARGEUR, HAUTEUR = 300, 80
_GAUCHE, _DROITE, _TETE, _PIED = 14, 118, 8, 62
_LIGNE = 12
#: Where a point is drawn.
_Place = Callable[[Point], tuple[float, float]]
_TRAITS = {"": "", "commune": "4 2", "epci": "6 2 1 2", "france": "1 2"}


@dataclass(frozen=True, slots=True)
class Serie:
    """A line: whose, its points, and its last figure as printed. The quarter's has no `genre`."""

    genre: str
    nom: str
    points: Sequence[Point]
    dernier: str


@dataclass(frozen=True, slots=True)
class Courbe:
    """A drawing: its marks, its words, what is said of it to who does not see it."""

    titre: str
    description: str
    marques: str
    mots: list[Mot]
    appel: str = ""

    @property
    def svg(self) -> str:
        """The drawing whole, for a page."""
        words = "".join(
            f'<text x="{_px(m.x)}" y="{_px(m.y)}" font-size="{m.taille}"'
            + (f' text-anchor="{m.ancre}"' if m.ancre != "start" else "")
            + (' font-weight="700"' if m.gras else "")
            + f">{escape(m.texte)}</text>"
            for m in self.mots
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LARGEUR} {HAUTEUR}" role="img"'
            f' aria-label="{escape(self.description, quote=True)}" fill="currentColor"'
            ' font-family="Segoe UI, Arial, Liberation Sans, sans-serif">'
            f"{self.marques}{words}</svg>"
        )


def draw_serie(
    titre: str, description: str, series: Sequence[Serie], devant: str, appel: str
) -> Courbe:
    """The quarter's series first, then those beside; `devant`: the period put forward."""
    points = [p for s in series for p in s.points]
    days = [p.fin.toordinal() for p in points]
    low, high = min(p.valeur for p in points), max(p.valeur for p in points)
    least = 0.12 * max(abs(low), abs(high)) or 1
    if high - low < least:
        low, high = (low + high - least) / 2, (low + high + least) / 2
    first, span = min(days), (max(days) - min(days)) or 1

    def at(point: Point) -> tuple[float, float]:
        return (
            _GAUCHE + (point.fin.toordinal() - first) / span * (_DROITE - _GAUCHE),
            _PIED - (point.valeur - low) / (high - low) * (_PIED - _TETE),
        )

    parts = [f'<path d="M{_GAUCHE} {_PIED + 5}H{_DROITE}" stroke="#8A949E" stroke-width=".6"/>']
    for serie in reversed(series):
        parts += _trace(serie, devant, at)
    words = _noms(series, at)
    for point in (series[0].points[0], series[0].points[-1]):
        words.append(Mot(at(point)[0], HAUTEUR - 2, point.periode[:4], "middle", 10))
    return Courbe(titre, description, "".join(parts), words, appel)


def _trace(serie: Serie, devant: str, at: _Place) -> list[str]:
    color = "#1F6FB2" if not serie.genre else "#6B7682"
    wide = 2 if not serie.genre else 1.2
    dash = _TRAITS.get(serie.genre, "")
    style = f' stroke-dasharray="{dash}"' if dash else ""
    where = {p.periode: at(p) for p in serie.points}
    pairs = joined(serie.points, devant)
    parts = [
        f'<path d="M{_px(where[a][0])} {_px(where[a][1])}L{_px(where[b][0])} {_px(where[b][1])}"'
        f' stroke="{color}" stroke-width="{wide}"{style}/>'
        for a, b in pairs
    ]
    drawn = {period for pair in pairs for period in pair}
    if not serie.genre:
        for point in serie.points:
            x, y = where[point.periode]
            fill = color if point.periode in drawn else "#FFFFFF"
            radius = 3.5 if point.periode == devant else 2.2
            parts.append(
                f'<circle cx="{_px(x)}" cy="{_px(y)}" r="{radius}" fill="{fill}" stroke="{color}"/>'
            )
    return parts


def _noms(series: Sequence[Serie], at: _Place) -> list[Mot]:
    """Each line's name and last figure on its right, kept apart from the others'."""
    wanted = sorted(((at(s.points[-1])[1], s) for s in series), key=lambda x: x[0])
    room = HAUTEUR - 8 - _LIGNE * (len(wanted) - 1)
    words, floor = [], 8.0
    for rank, (y, serie) in enumerate(wanted):
        y = max(floor, min(y + 3, room + rank * _LIGNE))
        floor = y + _LIGNE
        said = f"{serie.dernier} {serie.nom}"
        words.append(Mot(_DROITE + 8, y, said, taille=9, gras=not serie.genre))
    return words


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
