"""What each figure of a sentence claims: words, place, periods, comparison. Looks nothing up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from quality.citations.french_words import fold, stem_of, words
from quality.citations.gazetteer import Gazetteer, NamedPlace
from quality.citations.indicators_in_text import EVERYBODY, ClaimWords, Lexicon
from quality.citations.numbers_in_text import (
    Figure,
    NotAFigure,
    about_span,
    numbers,
)
from quality.citations.periods_in_text import PeriodSaid, periods
from warehouse.release.jeton import JETON

Sorte = Literal["niveau", "evolution", "ecart"]
Span = tuple[int, int]

_CUT = re.compile(
    r"[;:(),]|(?<= )(?:et|contre|dont|mais|tandis que|alors que|soit|puis|or|quand|ou)(?= )"
)
_UP = r"augment|progress|en hausse|hausse de|gagn|croi|accru|grimp|bondi|croissance"
_DOWN = r"baiss|diminu|recul|perd|repli|chut|decru|decroi"
_MOVES = re.compile(rf"(?<![a-z])(?:(?P<up>{_UP})|(?P<down>{_DOWN})|evolu|variation)[a-z]*")
_ABOVE = r"de plus qu|superieure?s? (?:de|a)|au-dessus|plus elevee?s?|plus haute?s?|depass[a-z]*"
_BELOW = r"de moins qu|inferieure?s? (?:de|a)|en dessous|au-dessous|en-dessous|plus faibles?|"
_BELOW += r"plus bass?e?s?"
_GAPS = re.compile(
    rf"(?<![a-z])(?:(?P<up>{_ABOVE})|(?P<down>{_BELOW})|ecart|d'ecart)[a-z]*"
    r"(?:[' ](?:a|de|celui|celle|que)(?![a-z]))*"
)
#: Words of a move and no part of what moves.
_HOW = re.compile(
    r"(?<![a-z])(?:fort|forte|fortement|legere|legerement|nette|nettement|sensiblement|hausse|baisse|"
    r"sur la periode)(?![a-z])|(?<![a-z])(?:depuis|entre|par rapport au?)(?: le| la| l'annee)?\s*§"
)
#: A figure that is denied, or said to be more or fewer than others, is no level.
_NOT_A_LEVEL = re.compile(
    r"(?<![a-z])n(?:e |')[a-z]+ plus(?! que| qu')(?![a-z])"
    r"|(?<![a-z])(?:de|en) (?:plus|moins)(?! d[e'])(?![a-z])"
)
#: What is printed between a figure and its token: « habitants », « € par mois ».
_UNIT_SAID = re.compile(r"(?:[^\W\d]|[ \u00a0\u202f€%/'’-]){0,40}")
#: Ways in which the words of one figure are read; an enumeration that has more stays in doubt, by
#: a word that no indicator has.
_MOST_SAID = 16
_TOO_MANY = frozenset({"énumération trop longue"})
_SINCE = re.compile(
    r"(?:depuis|par rapport a|par rapport au|par rapport a l'annee) ?(?:le |l'annee )?$"
)
_PART_OF_BEFORE = re.compile(
    r"^[ ,(]*(?:dont|parmi lesquels|parmi lesquelles|soit|c'est-a-dire)(?![a-z])"
)


@dataclass(frozen=True)
class Claim:
    """One figure and what its sentence says of it.

    `lieux`: the places named, in order; `dits`: the words, in each of the ways in which they may
    be read; `avant`: periods said as the earlier one. `lieu_repris`, `periode_reprise`: not said
    in the sentence, taken from what comes before. `suite`: it says more of what the claim before
    it in its sentence is about.
    """

    figure: Figure
    phrase: str
    sorte: Sorte
    sens: int
    lieux: tuple[NamedPlace, ...]
    dits: tuple[ClaimWords, ...]
    periodes: tuple[PeriodSaid, ...]
    avant: tuple[PeriodSaid, ...]
    jeton: str | None = None
    lieu_repris: bool = False
    suite: bool = False
    periode_reprise: bool = False


@dataclass
class Context:
    """What a sentence may take from what comes before it: titles, then the same paragraph."""

    lieux: tuple[NamedPlace, ...] = ()
    periodes: tuple[PeriodSaid, ...] = ()


@dataclass
class Sentence:
    """A sentence as read: its claims, and its numbers that claim nothing."""

    claims: list[Claim] = field(default_factory=list)
    others: list[NotAFigure] = field(default_factory=list)
    after: Context = field(default_factory=Context)


@dataclass(frozen=True)
class _Marks:
    """What was found in a sentence."""

    text: str
    folded: str
    lieux: list[NamedPlace]
    periodes: list[PeriodSaid]
    figures: list[Figure]
    protected: list[Span]


def read_sentence(text: str, lexicon: Lexicon, places: Gazetteer, before: Context) -> Sentence:
    """The claims of one sentence."""
    tokens = [(m.start(), m.end(), m[0]) for m in JETON.finditer(text)]
    bare = text
    for start, end, _ in tokens:
        bare = bare[:start] + " " * (end - start) + bare[end:]
    named = [(w.start, w.end) for w in words(bare, lexicon.labels) if w.stem in lexicon.labels]
    lieux = places.find(bare)
    spans = [*named, *((p.start, p.end) for p in lieux)]
    found = periods(bare, spans, [start for start, _, _ in tokens])
    figures, others = numbers(bare, [(p.start, p.end) for p in found], spans)
    protected = [*spans, *((p.start, p.end) for p in found), *((f.start, f.end) for f in figures)]
    marks = _Marks(bare, fold(bare), lieux, found, figures, protected)
    claims: list[Claim] = []
    borne: set[tuple[int, int, str] | None] = set()
    for figure, span in _clauses(marks):
        token = next((one for one in tokens if _bears(marks, figure, one[0])), None)
        borne.add(token)
        claims.append(
            _claim(marks, figure, span, lexicon, before, claims, token[2] if token else None)
        )
    others += [NotAFigure(t, s, e, "jeton sans chiffre") for s, e, t in {*tokens} - borne]
    absolute = tuple(p for p in lieux if p.codes)
    after = Context(absolute or before.lieux, tuple(found) or before.periodes)
    return Sentence(claims, others, after)


def _bears(marks: _Marks, figure: Figure, at: int) -> bool:
    """Whether a token is that of a figure: only its unit stands between them."""
    if at < figure.end or any(figure.end <= f.start < at for f in marks.figures):
        return False
    return bool(_UNIT_SAID.fullmatch(marks.text[figure.end : at]))


def comparing(text: str) -> frozenset[str]:
    """The words of a text that make a move or a gap of a figure."""
    folded = fold(text)
    found = (m[0].split()[0] for pattern in (_MOVES, _GAPS) for m in pattern.finditer(folded))
    return frozenset(map(stem_of, found))


def _clauses(marks: _Marks) -> Iterator[tuple[Figure, Span]]:
    """Each figure with the stretch of the sentence that is about it."""
    figures = marks.figures
    if not figures:
        return
    if len(figures) == 1:
        yield figures[0], (0, len(marks.text))
        return
    cuts = [
        m.start()
        for m in _CUT.finditer(marks.folded)
        if not any(s <= m.start() < e for s, e in marks.protected)
    ]
    starts, ends = [0], []
    for before, after in pairwise(figures):
        between = [c for c in cuts if before.end <= c < after.start]
        if not between:
            starts.append(_parted(marks, before, after))
            ends.append(starts[-1])
            continue
        # What stands between two figures must be understood for both, but a place is the second's.
        named = any(between[0] < p.start < after.start for p in marks.lieux)
        starts.append(between[0])
        ends.append(between[0] if named else between[-1])
    yield from zip(figures, zip(starts, [*ends, len(marks.text)], strict=True), strict=True)


def _parted(marks: _Marks, before: Figure, after: Figure) -> int:
    """Where the second of two figures begins its own stretch: at its « à », or after a period."""
    said = [p.end for p in marks.periodes if before.end <= p.start < after.start]
    start = max([before.end, *said])
    m = re.search(r"(?<= )(?:a|de|d'|contre|puis)\s+$", marks.folded[start : after.start])
    return start + m.start() if m else (start if said else after.start)


def _claim(
    marks: _Marks,
    figure: Figure,
    span: Span,
    lexicon: Lexicon,
    before: Context,
    earlier: list[Claim],
    token: str | None,
) -> Claim:
    start, end = span
    inside = marks.folded[start:end]
    lieux = tuple(p for p in marks.lieux if start <= p.start < end)
    own_periods = [p for p in marks.periodes if start <= p.start < end]
    since = tuple(p for p in own_periods if _SINCE.search(marks.folded[: p.start]))
    at = tuple(p for p in own_periods if p not in since)
    sorte, sens = _kind(marks, span, figure, lieux, earlier, bool(own_periods))
    previous = earlier[-1] if earlier else None
    own = _said(marks, span, figure, lexicon, sorte, relative=False)
    with_relative = _said(marks, span, figure, lexicon, sorte, relative=True)
    dits = [own] if own.mots else []
    if with_relative.mots != own.mots:
        dits.append(with_relative)
    if previous and (own.mots <= EVERYBODY or _PART_OF_BEFORE.match(inside)):
        dits += [ClaimWords(own.mots | p.mots, own.base | p.base) for p in previous.dits]
    elif previous and not any(p.codes for p in lieux):
        dits += [ClaimWords(own.mots | p.mots, own.base | p.base) for p in previous.dits if p.base]
    dits = [*dict.fromkeys(dits)]
    if len(dits) > _MOST_SAID:
        dits = [ClaimWords(own.mots | _TOO_MANY, own.base)]
    borrowed = not any(p.codes for p in lieux)
    if borrowed:
        known = previous.lieux if previous else before.lieux
        lieux = (*known, *(p for p in lieux if p.relatif))
    periodes, inherited = _periods_of(marks, at, since, sorte, previous, before)
    return Claim(
        figure, marks.text, sorte, sens, lieux, tuple(dits), periodes, since, token,
        borrowed, bool(previous) and borrowed, inherited,
    )  # fmt: skip


def _periods_of(
    marks: _Marks,
    at: tuple[PeriodSaid, ...],
    since: tuple[PeriodSaid, ...],
    sorte: Sorte,
    previous: Claim | None,
    before: Context,
) -> tuple[tuple[PeriodSaid, ...], bool]:
    """The periods of a claim: its own, else the only one of its sentence, else those before it."""
    if at:
        return at, False
    whole = [p for p in marks.periodes if not _SINCE.search(marks.folded[: p.start])]
    if len({p.label for p in whole}) == 1:
        return (whole[0],), False
    if previous and previous.periodes:
        return previous.periodes, False
    if whole:
        return tuple(whole), False
    if sorte == "evolution" and since:
        return (), False
    return before.periodes, bool(before.periodes)


def _kind(
    marks: _Marks,
    span: Span,
    figure: Figure,
    lieux: tuple[NamedPlace, ...],
    earlier: list[Claim],
    has_period: bool,
) -> tuple[Sorte, int]:
    """Level, move or gap; and the sign that the words around give it."""
    inside = marks.folded[span[0] : span[1]]
    for place in marks.lieux:
        a, b = (max(at - span[0], 0) for at in (place.start, place.end))
        inside = inside[:a] + " " * (b - a) + inside[b:]
    inside = inside[: span[1] - span[0]]
    if re.search(r"(?<![a-z])pass(?:e|ee|es|ees|ait|ent|er|ant)? (?:de|d'|a) ", inside):
        return "niveau", 1
    gap = _GAPS.search(inside)
    if gap and (len(lieux) + bool(earlier) > 1 or any(p.relatif for p in lieux)):
        return "ecart", -1 if gap["down"] and not figure.signe else 1
    if move := _MOVES.search(inside):
        return "evolution", -1 if move["down"] and not figure.signe else 1
    if earlier and earlier[-1].sorte != "niveau" and figure.signe and not has_period:
        return earlier[-1].sorte, 1
    return "niveau", 1


def _said(
    marks: _Marks, span: Span, figure: Figure, lexicon: Lexicon, sorte: Sorte, *, relative: bool
) -> ClaimWords:
    """The words of a stretch, without its places, periods and figure."""
    start, end = span
    about = about_span(marks.folded, figure.start) if figure.environ else figure.start
    shown = {"%": "0 %", "€": "€"}.get(figure.unite, "0")
    gone = [(figure.start, figure.end, shown)]
    if about < figure.start:
        gone.append((about, figure.start, ""))
    gone += [(p.start, p.end, "") for p in marks.lieux if p.codes or not relative]
    gone += [(p.start, p.end, "§") for p in marks.periodes]
    text, base = "", ""
    at = start
    for s, e, instead in sorted(g for g in gone if start <= g[0] < end):
        if s < at:
            continue
        text += marks.text[at:s] + (f" {instead} " if instead in "§€" else " ")
        base += marks.text[at:s] + f" {instead} "
        at = e
    text, base = text + marks.text[at:end], base + marks.text[at:end]
    if sorte == "evolution":
        text = _HOW.sub(" ", _MOVES.sub(" ", fold(text)))
    elif sorte == "ecart":
        text = _GAPS.sub(" ", fold(text))
    else:
        denied = " niee " if _NOT_A_LEVEL.search(marks.folded[start:end]) else ""
        text = denied + re.sub(
            r"(?<![a-z])pass(?:e|ee|es|ees|ait|ent|er|ant)?(?![a-z])", " ", fold(text)
        )
    return lexicon.said(
        f"{text} {figure.sur}",
        f"{base} {figure.sur}" if not figure.sur else f"0 % des {figure.sur}, {base}",
    )
