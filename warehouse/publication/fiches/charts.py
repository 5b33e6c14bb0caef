"""A chart as drawn: bars, two periods or ranges, from a view model. Chooses and reads nothing.

Groups differ by tone and by shape, so that they differ in print too; text takes the colour of the
page. No script, no style attribute: the pages' security policy lets none through.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

from warehouse.domain.format import nombre

_TETE, _PIED, _ECART, _ENTREE = 20, 18, 7, 16
#: Width kept on the right for what is written beside the marks.
_VALEURS = {"barres": 62, "periodes": 104, "etendues": 62}
#: Fill and outline by group, from Okabe and Ito's palette: dark, light with outline, empty.
_TONS = {
    "quartiers": ("#0072B2", "#0072B2"),
    "ensembles": ("#E69F00", "#5F4200"),
    "comparaisons": ("#FFFFFF", "#444444"),
}
_LEGENDES = {
    "quartiers": "Quartier",
    "ensembles": "Ensemble de quartiers",
    "comparaisons": "Territoire de comparaison",
}


class Cadrage(NamedTuple):
    """The room for a chart: px, of which so many on the left; labels of so many letters at 11 px.

    `au_dessus`: labels stand over their marks, and take no width.
    """

    largeur: int
    gauche: int
    caracteres: int
    au_dessus: bool = False


#: As wide as the text of a page; as a phone.
PAGE, TELEPHONE = Cadrage(640, 240, 42), Cadrage(340, 6, 56, au_dessus=True)


@dataclass(slots=True)
class Trace:
    """One territory: its numbers, and what is written beside them.

    `valeurs`: one for bars; earlier and later, either None, for two periods; low, middle and high
    for ranges.
    """

    libelle: str
    genre: str  # quartiers, ensembles or comparaisons
    valeurs: tuple[float | None, ...]
    texte: str


@dataclass(slots=True)
class Graphique:
    """A chart, ready to draw. `legendes`: what each number of a trace is, where there are several.

    `repere`: (label, value) drawn as a line through bars. `absents`: (labels, calls of notes) of
    those that have no figure: named below, never drawn.
    """

    id: str
    genre: str  # barres, periodes or etendues
    titre: str
    description: str
    unite: str
    traces: list[Trace]
    legendes: tuple[str, ...] = ()
    repere: tuple[str, float] | None = None
    absents: list[tuple[str, list[str]]] = field(default_factory=list)


class Mot(NamedTuple):
    """What is written at a point, in px; `ancre` (start, middle or end) says on which side."""

    x: float
    y: float  # of the line on which letters stand
    texte: str
    ancre: str = "start"
    taille: int = 11
    gras: bool = False


@dataclass(slots=True)
class Dessin:
    """A chart as drawn: its size in px, its marks as SVG, and its words, set by who prints."""

    largeur: int
    hauteur: float
    marques: str
    mots: list[Mot]


def svg(graphique: Graphique, dessin: Dessin) -> str:
    """The drawing whole, with its title and description for those who do not see it."""
    name = escape(graphique.id, quote=True)
    said = (
        f'<title id="g-{name}-t">{escape(graphique.titre)}</title>'
        f'<desc id="g-{name}-d">{escape(graphique.description)}</desc>'
    )
    return _svg(name, "page", dessin, said)


def narrow_svg(graphique: Graphique, dessin: Dessin) -> str:
    """The drawing of a phone: it is told by the title and description of the other one."""
    return _svg(escape(graphique.id, quote=True), "telephone", dessin, "")


def _svg(name: str, classe: str, dessin: Dessin, said: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{classe}"'
        f' viewBox="0 0 {dessin.largeur} {_px(dessin.hauteur)}"'
        f' role="img" aria-labelledby="g-{name}-t g-{name}-d" font-size="11"'
        ' font-family="Segoe UI, Arial, Liberation Sans, sans-serif" fill="currentColor">'
        f"{said}{dessin.marques}{''.join(map(_ecrit, dessin.mots))}</svg>"
    )


def _ecrit(mot: Mot) -> str:
    anchor = f' text-anchor="{mot.ancre}"' if mot.ancre != "start" else ""
    size = f' font-size="{mot.taille}"' if mot.taille != 11 else ""
    weight = ' font-weight="700"' if mot.gras else ""
    place = f'x="{_px(mot.x)}" y="{_px(mot.y)}"'
    return f"<text {place}{anchor}{size}{weight}>{escape(mot.texte)}</text>"


def draw(graphique: Graphique, cadrage: Cadrage = PAGE) -> Dessin:
    """Where everything of a chart goes."""
    low, high = _bornes(graphique)
    ticks = _graduations(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    pas = 17 if len(graphique.traces) <= 24 else 12
    right = cadrage.largeur - _VALEURS[graphique.genre]

    def x(valeur: float) -> float:
        return round(cadrage.gauche + (valeur - low) / (high - low) * (right - cadrage.gauche), 1)

    words: list[Mot] = []
    legend = list(_legende(graphique, cadrage, words))
    top = _TETE + _ENTREE * (max([word.y for word in words], default=11) - 11) // _ENTREE
    rows = list(_lignes(graphique.traces, pas, top, over=13 if cadrage.au_dessus else 0))
    bottom = rows[-1][0] + pas / 2 + 4
    parts = [
        *legend,
        '<g stroke="#8A949E" stroke-width=".6" opacity=".6">',
        *(f'<path d="M{_px(x(t))} {_px(top)}V{_px(bottom)}"/>' for t in ticks),
        "</g>",
    ]
    words += (Mot(x(t), bottom + 12, _gradue(t, ticks), "middle", 10) for t in ticks)
    if graphique.repere:
        line = _px(x(graphique.repere[1]))
        parts.append(
            f'<path d="M{line} {_px(top)}V{_px(bottom)}" stroke="currentColor" stroke-width="1.2"'
            ' stroke-dasharray="4 3"/>'
        )
    draw = {"barres": _barre, "periodes": _periodes, "etendues": _etendue}[graphique.genre]
    zero = x(0) if low <= 0 <= high else x(low)
    for y, trace in rows:
        is_set = trace.genre == "ensembles"
        label = _court(trace.libelle, cadrage.caracteres)
        if cadrage.au_dessus:
            words.append(Mot(0, y - pas / 2 - 1, label, gras=is_set))
        else:
            words.append(Mot(cadrage.gauche - 8, y + 4, label, "end", gras=is_set))
        at = [None if v is None else x(v) for v in trace.valeurs]
        parts.append(draw(at, y, pas, _TONS[trace.genre], zero))
        reached = [a for a in at if a is not None]
        end = max([*reached, zero] if graphique.genre == "barres" else reached)
        words.append(Mot(end + 8, y + 4, trace.texte, gras=is_set))
    return Dessin(cadrage.largeur, bottom + _PIED, "".join(parts), words)


def _barre(at: list, y: float, pas: int, tons: tuple[str, str], zero: float) -> str:
    start, width = min(zero, at[0]), abs(at[0] - zero)
    height = pas - 5
    return (
        f'<rect x="{_px(start)}" y="{_px(y - height / 2)}" width="{_px(width)}" height="{height}"'
        f' fill="{tons[0]}" stroke="{tons[1]}"/>'
    )


def _periodes(at: list, y: float, pas: int, tons: tuple[str, str], zero: float) -> str:
    """An empty disc for the earlier period, a full square for the later, a line between."""
    before, after = at
    parts = []
    if before is not None and after is not None:
        parts.append(
            f'<path d="M{_px(before)} {_px(y)}H{_px(after)}" stroke="{tons[1]}" stroke-width="2"/>'
        )
    if before is not None:
        parts.append(
            f'<circle cx="{_px(before)}" cy="{_px(y)}" r="4" fill="#FFFFFF" stroke="{tons[1]}"'
            ' stroke-width="1.5"/>'
        )
    if after is not None:
        parts.append(
            f'<rect x="{_px(after - 4)}" y="{_px(y - 4)}" width="8" height="8"'
            f' fill="{tons[0]}" stroke="{tons[1]}"/>'
        )
    return "".join(parts)


def _etendue(at: list, y: float, pas: int, tons: tuple[str, str], zero: float) -> str:
    """A bar from low to high, and the middle as a mark across it."""
    low, middle, high = at
    height = pas - 9
    return (
        f'<rect x="{_px(low)}" y="{_px(y - height / 2)}" width="{_px(high - low)}"'
        f' height="{height}" fill="{tons[0]}" stroke="{tons[1]}" fill-opacity=".55"/>'
        f'<path d="M{_px(middle)} {_px(y - pas / 2 + 1)}v{pas - 2}" stroke="currentColor"'
        ' stroke-width="2.5"/>'
    )


def _legende(graphique: Graphique, cadrage: Cadrage, mots: list[Mot]) -> Iterator[str]:
    """Which tone is which kind of territory, then which mark is which number; words to `mots`."""
    at, down = 0.0, 0
    entries = [(_marque(*_TONS[g]), _LEGENDES[g]) for g in _TONS if _a(graphique, g)]
    if graphique.genre == "periodes":
        disc = '<circle {at} r="4" fill="#FFFFFF" stroke="#444444" stroke-width="1.5"/>'
        entries.append((disc, graphique.legendes[0]))
        entries.append((_marque("#444444", "#444444"), graphique.legendes[1]))
    elif graphique.genre == "etendues":
        bar = '<path {at} d="M0 -6v12" stroke="currentColor" stroke-width="2.5"/>'
        entries.append((bar, graphique.legendes[1]))
    if graphique.repere:
        dash = '<path {at} d="M0 -6v12" stroke="currentColor" stroke-dasharray="4 3"/>'
        entries.append((dash, _court(graphique.repere[0], cadrage.caracteres)))
    for mark, words in entries if len(entries) > 1 else []:
        width = 13 + 5.2 * len(words) + 14
        if at and at + width > cadrage.largeur + 14:
            at, down = 0.0, down + _ENTREE
        yield mark.replace("{at}", f'transform="translate({_px(at + 5)} {7 + down})"')
        mots.append(Mot(at + 13, 11 + down, words, taille=10))
        at += width


def _marque(fill: str, stroke: str) -> str:
    return f'<path {{at}} d="M-4 -4h8v8h-8z" fill="{fill}" stroke="{stroke}"/>'


def _a(graphique: Graphique, genre: str) -> bool:
    return any(trace.genre == genre for trace in graphique.traces)


def _lignes(traces: list[Trace], pas: int, top: float, over: int) -> Iterator[tuple[float, Trace]]:
    """Each trace and the middle of its row, a gap between groups; `over`: px above each row."""
    y, genre = top + over + pas / 2 + 2, traces[0].genre
    for trace in traces:
        if trace.genre != genre:
            y, genre = y + _ECART, trace.genre
        yield y, trace
        y += pas + over


def _bornes(graphique: Graphique) -> tuple[float, float]:
    """The lowest and highest number to draw; bars start from zero."""
    numbers = [v for trace in graphique.traces for v in trace.valeurs if v is not None]
    if graphique.repere:
        numbers.append(graphique.repere[1])
    if graphique.genre == "barres":
        numbers.append(0)
    low, high = min(numbers), max(numbers)
    # Equal but for the noise of doubles: no scale can be drawn between them.
    return (low, high) if high - low > 1e-6 * max(1, abs(high)) else (low, low + 1)


def _graduations(low: float, high: float) -> list[float]:
    """Three to six round numbers that cover the range: steps of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def _gradue(tick: float, ticks: list[float]) -> str:
    step = ticks[1] - ticks[0]
    return nombre(tick, max(0, -math.floor(math.log10(step) + 1e-9)))


def _court(libelle: str, most: int) -> str:
    return libelle if len(libelle) <= most else libelle[: most - 1].rstrip() + "…"


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
