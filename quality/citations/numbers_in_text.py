"""The numbers of a French text: figures with their unit, and those that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from quality.citations.french_words import NUMBER_WORDS, fold, number_of

Unite = Literal["%", "points", "€", ""]
#: What a number that is no figure is.
Autre = Literal["date", "code", "rang", "numéro", "jeton sans chiffre"]

_SPACE = "[ \u00a0\u202f\u2009\u2007]"
_DIGITS = rf"(?:[1-9][0-9]{{0,2}}(?:{_SPACE}[0-9]{{3}})+|[0-9]+)"
_MULTIPLES = {"million": 6, "milliard": 9, "millier": 3}
_NUMBER = re.compile(
    rf"(?<![\w.,/])(?P<sign>[+\-−–] ?)?(?P<whole>{_DIGITS})(?:[,.](?P<decimals>[0-9]+))?(?![\w/])"
    rf"(?:{_SPACE}*(?P<multiple>millions?|milliards?|milliers?))?"
)
_UNIT = re.compile(
    rf"{_SPACE}*(?:(?P<pct>%|pour ?cents?\b|p\. ?100\b)|"
    r"(?P<pts>points?\b|pts?\b)|(?P<eur>€|euros?\b))"
)
_PCT_POINTS = re.compile(rf"{_SPACE}*(?:points? de pourcentage|points? de %)")
_WORDS = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_IN_WORDS = re.compile(rf"(?<![a-z'-])(?:{_WORDS})(?:[ -](?:et[ -])?(?:{_WORDS}))*(?![a-z-])")
#: Words before a figure: it is not given as exact.
_ABOUT = re.compile(
    r"(?:environ|pres d[e']|pres de|autour de|quelque|quelques|presque|a peu pres|plus d[e']|"
    r"moins d[e']|au moins|jusqu'a|un peu plus d[e']|un peu moins d[e']|approximativement|~) ?$"
)
_ABOUT_AFTER = re.compile(r" ?(?:environ|a peu pres)(?![a-z])")
_NUMBERED = re.compile(
    r"(?:n ?[°o]|nos?|numeros?|articles?|art\.|pages?|p\.|tableaux?|tableau|figures?|fig\.|"
    r"annexes?|chapitres?|loi|decret|quartiers 20|version|§|titre|partie|axe|edition|note)[ :]*$"
)
_RANK = re.compile(r"(?<![\w.,])[0-9]+(?:er|ere|e|eme|nd|nde|ème|ère)(?![\w])")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_CODES = re.compile(
    r"(?<![\w])(?:Q[PN][0-9A-Z]{6}|[0-9]{9}|[0-9]{14}|[A-Z]{1,6}[:@][0-9AB]{2,}|[A-Z]+[0-9][A-Z0-9]*+|"
    r"https?://\S+|www\.\S+|[0-9]{2}(?:[ .][0-9]{2}){4}|[0-9]{5}(?= [A-Z]))(?![\w])"
)
_LIST_HEAD = re.compile(r"^\s*(?:[0-9]{1,2}(?:\.[0-9]{1,2})*[.)]|[-*•])\s")
#: « un habitant sur trois », « le quart des habitants ».
_ONE_IN = re.compile(
    rf"(?<![a-z0-9])(?P<n>un|une|{_WORDS}|[0-9]{{1,9}}) (?P<what>[a-z]+(?: [a-z]+)?) sur "
    rf"(?P<d>{_WORDS}|[0-9]{{1,9}})"
    r"(?![a-z0-9])"
)
_PARTS = {
    "la moitie": (1, 2), "le tiers": (1, 3), "un tiers": (1, 3), "le quart": (1, 4),
    "un quart": (1, 4), "les deux tiers": (2, 3), "deux tiers": (2, 3), "les trois quarts": (3, 4),
    "trois quarts": (3, 4), "un cinquieme": (1, 5), "le cinquieme": (1, 5),
    "un dixieme": (1, 10), "le dixieme": (1, 10),
}  # fmt: skip
_PART_OF = re.compile(
    rf"(?<![a-z])(?:{'|'.join(sorted(_PARTS, key=len, reverse=True))})(?= d[eu'])"
)


@dataclass(frozen=True)
class Figure:
    """A number that says how much: as printed, with its decimals and its unit.

    `environ`: not given as exact; `borne`: 1 where it is said to be passed, -1 not reached.
    `pas`: what its last printed digit is worth. `sur`: what « sur trois » follows, of which it is
    a part.
    """

    texte: str
    start: int
    end: int
    valeur: Decimal
    decimales: int
    unite: Unite
    pas: Decimal
    signe: bool = False
    environ: bool = False
    borne: int = 0
    fraction: bool = False
    sur: str = ""


@dataclass(frozen=True)
class NotAFigure:
    texte: str
    start: int
    end: int
    autre: Autre


def numbers(
    text: str, periods: list[tuple[int, int]], labels: list[tuple[int, int]]
) -> tuple[list[Figure], list[NotAFigure]]:
    """The numbers of a sentence, in order.

    Args:
        periods: what is a date; `labels`: what is part of the name of an indicator or a place.
    """
    folded = fold(text)
    taken = [*labels]
    other: list[NotAFigure] = [NotAFigure(text[s:e], s, e, "date") for s, e in periods]
    taken += periods
    for pattern, kind in ((_CODES, "code"), (_LIST_HEAD, "numéro")):
        for m in pattern.finditer(text):
            if _free(m.start(), m.end(), taken):
                taken.append((m.start(), m.end()))
                if any(c.isdigit() for c in m[0]):
                    other.append(NotAFigure(m[0].strip(), m.start(), m.end(), kind))  # type: ignore[arg-type]
    for m in _RANK.finditer(folded):
        if _free(m.start(), m.end(), taken):
            taken.append((m.start(), m.end()))
            other.append(NotAFigure(text[m.start() : m.end()], m.start(), m.end(), "rang"))
    figures = []
    for figure in _fractions(text, folded):
        if _free(figure.start, figure.end, taken):
            taken.append((figure.start, figure.end))
            figures.append(figure)
    for m in _NUMBER.finditer(text):
        at = m.start("whole")
        if not _free(at, m.end(), taken):
            continue
        before = folded[: m.start()]
        # « 2014-173 » is a number of law.
        glued = before[-1:] == "-" and before[-2:-1].isdigit() and not _UNIT.match(folded, m.end())
        part = before.endswith("sur ") and bool(figures) and figures[-1].fraction
        if glued or part or _NUMBERED.search(before):
            other.append(NotAFigure(m[0].strip(), m.start(), m.end(), "numéro"))
            continue
        figures.append(_figure(text, folded, m))
        taken.append((m.start(), figures[-1].end))
    for m in _IN_WORDS.finditer(folded):
        if _free(m.start(), m.end(), taken) and (spelt := _spelt(m[0])) is not None:
            figures.append(_in_words(text, folded, m, spelt))
    return sorted(figures, key=lambda f: f.start), sorted(other, key=lambda n: n.start)


def _free(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return not any(s < end and start < e for s, e in taken)


def _figure(text: str, folded: str, m: re.Match[str]) -> Figure:
    digits = re.sub(r"[^0-9]", "", m["whole"])
    decimals = m["decimals"] or ""
    value = Decimal(f"{digits}.{decimals}" if decimals else digits)
    step = Decimal(1).scaleb(-len(decimals))
    if m["multiple"]:
        power = _MULTIPLES[m["multiple"].rstrip("s")]
        value, step = value.scaleb(power), step.scaleb(power)
    # A hyphen stuck to a word before is no sign: « 2019-12 », « Centre-12 ».
    sign = bool(m["sign"]) and (m.start() == 0 or text[m.start() - 1] in " (\u00a0\u202f«:")
    if sign and m["sign"].strip() in "-−–":
        # A dash with blanks on both sides is punctuation.
        spaced = len(m["sign"]) > 1
        sign = not (spaced and m["sign"].strip() in "-–")
        value = -value if sign else value
    unit, end = _unit(text, folded, m.end())
    return Figure(
        text[m.start("whole") if not sign else m.start() : end].strip(),
        m.start() if sign else m.start("whole"),
        end,
        value,
        len(decimals) if not m["multiple"] else 0,
        unit,
        step,
        signe=sign,
        environ=_about(folded, m.start(), end),
        borne=_bound(folded, m.start()),
    )


def _unit(text: str, folded: str, at: int) -> tuple[Unite, int]:
    if m := _PCT_POINTS.match(folded, at):
        return "points", m.end()
    if m := _UNIT.match(folded, at):
        return ("%" if m["pct"] else "points" if m["pts"] else "€"), m.end()
    if m := re.match(rf"{_SPACE}*€", text[at:]):
        return "€", at + m.end()
    return "", at


def _about(folded: str, start: int, end: int) -> bool:
    before = folded[max(0, start - 24) : start]
    return bool(_ABOUT.search(before) or _ABOUT_AFTER.match(folded, end))


def _bound(folded: str, start: int) -> int:
    """1 for « plus de », -1 for « moins de », 0 without them."""
    before = folded[max(0, start - 24) : start]
    if re.search(r"(?<![a-z])(?:plus d[e']|au moins) ?$", before):
        return 1
    return -1 if re.search(r"(?<![a-z])moins d[e'] ?$", before) else 0


def about_span(folded: str, start: int) -> int:
    """Where the words begin that say that a figure is not exact; its own start without any."""
    head = max(0, start - 24)
    m = _ABOUT.search(folded[head:start])
    return head + m.start() if m else start


def _fractions(text: str, folded: str) -> Iterator[Figure]:
    for m in _ONE_IN.finditer(folded):
        above, below = number_of(m["n"]) or 1, number_of(m["d"]) or 0
        if 0 < above < below <= 1000:
            yield _part(text, folded, m, above, below, m["what"])
    for m in _PART_OF.finditer(folded):
        yield _part(text, folded, m, *_PARTS[m[0]])


def _part(
    text: str, folded: str, m: re.Match[str], above: int, below: int, what: str = ""
) -> Figure:
    return Figure(
        text[m.start() : m.end()],
        m.start(),
        m.end(),
        Decimal(100 * above) / Decimal(below),
        0,
        "%",
        Decimal(1),
        environ=True,
        borne=_bound(folded, m.start()),
        fraction=True,
        sur=what,
    )


def _in_words(text: str, folded: str, m: re.Match[str], value: int) -> Figure:
    unit, end = _unit(text, folded, m.end())
    return Figure(
        text[m.start() : end].strip(),
        m.start(),
        end,
        Decimal(value),
        0,
        unit,
        Decimal(1),
        environ=_about(folded, m.start(), end),
        borne=_bound(folded, m.start()),
    )


def _spelt(words: str) -> int | None:
    """A whole number in words; None for « un », « une », « cent » of « pour cent »."""
    parts = [p for p in re.split(r"[ -]", words) if p != "et"]
    if parts in (["un"], ["une"]):
        return None
    total = group = 0
    for part in parts:
        n = NUMBER_WORDS[part]
        if n == 1000:
            total, group = total + max(group, 1) * 1000, 0
        elif n == 100:
            group = max(group, 1) * 100
        elif part in ("vingt", "vingts") and group % 100 == 4:
            group += 76
        else:
            group += n
    return total + group
