"""The territories that a text names, in the words of a release. Guesses nothing: all are given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import permutations

from quality.citations.french_words import fold
from warehouse.domain.types_territoire import sets
from warehouse.release.published import Territoire

#: Words that a name may go without.
_LINKS = frozenset(
    [
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "s",
        "ses",
        "sur",
        "dans",
        "son",
        "sa",
    ]
)
_TOKEN = re.compile(r"[a-z0-9@:]+")
#: One way of writing what has several.
_SAME = (
    (re.compile(r"quartiers? prioritaires?(?: de la politique de la ville)?"), "qp"),
    (re.compile(r"\bqpv\b"), "qp"),
    (re.compile(r"communaute d'agglomeration"), "ca"),
    (re.compile(r"communaute de communes"), "cc"),
    (re.compile(r"communaute urbaine"), "cu"),
    (re.compile(r"\bsaint\b"), "st"),
    (re.compile(r"\bsainte\b"), "ste"),
)
#: A word before a name that says what it names, and the types that it leaves.
_HINTS: dict[str, frozenset[str]] = {
    "quartier": frozenset({"qpv", "perimetre_local"}),
    "qp": frozenset({"qpv"}),
    "commune": frozenset({"commune"}),
    "ville": frozenset({"commune"}),
    "departement": frozenset({"departement"}),
    "region": frozenset({"region"}),
    "epci": frozenset({"epci"}),
    "intercommunalite": frozenset({"epci"}),
    "agglomeration": frozenset({"epci", "unite_urbaine"}),
    "ensemble": frozenset(sets()),
}
_QUARTER = ("quartier", "qp")
_PLURAL = frozenset({"quartiers", "qp"})
_EPCI_HEADS = ("ca", "cc", "cu")
#: A place said by what it is to the territory at hand.
_RELATIVE = re.compile(
    r"(?<![a-z])(?:l'|le |la |son |sa |de l'|du )"
    r"(epci|intercommunalite|agglomeration|commune|departement|region)(?![a-z])"
)
_RELATIVE_TYPES = {"intercommunalite": "epci", "agglomeration": "epci"}
_CODE = re.compile(
    r"(?<![a-z0-9])((?:q[pn][0-9]{2}[0-9ab][0-9]{2,3}[a-z]?)|(?:[a-z_]+@)?(?:epci|dep|reg|com|uu)"
    r":[0-9ab]+|epci_qpv@frmetro|qpv@frmetro|qpv@insee|frmetro)(?![a-z0-9])"
)


@dataclass(frozen=True)
class NamedPlace:
    """What a stretch of a text names: these territories, or one of a type beside another."""

    start: int
    end: int
    codes: frozenset[str]
    relatif: str = ""


class Gazetteer:
    """The names of the territories of a release, longest first."""

    def __init__(
        self, territoires: Iterable[Territoire], communes: Mapping[str, list[str]]
    ) -> None:
        self._types: dict[str, Territoire] = {}
        self._names: dict[tuple[str, ...], set[str]] = {}
        self._by_upper: dict[str, str] = {}
        for t in territoires:
            self._types[t.code] = t
            self._by_upper[t.code.upper()] = t.code
            for name in _names_of(t, communes.get(t.code, [])):
                self._names.setdefault(name, set()).add(t.code)
        self._longest = max(map(len, self._names), default=0)

    def find(self, text: str) -> list[NamedPlace]:
        """The places of a text in order, none inside another."""
        folded = fold(text)
        found = [
            NamedPlace(_set_before(folded, m), m.end(), frozenset({self._by_upper[m[1].upper()]}))
            for m in _CODE.finditer(folded)
            if m[1].upper() in self._by_upper
        ]
        tokens = [t for t in _tokens(folded) if not any(p.start <= t[1] < p.end for p in found)]
        at = 0
        while at < len(tokens):
            place, width = self._longest_at(text, folded, tokens, at)
            if place:
                found.append(place)
            at += width
        taken = [(p.start, p.end) for p in found]
        found += [
            NamedPlace(m.start(), m.end(), frozenset(), _RELATIVE_TYPES.get(m[1], m[1]))
            for m in _RELATIVE.finditer(folded)
            if not any(s < m.end() and m.start() < e for s, e in taken)
        ]
        return self._with_towns(text, sorted(found, key=lambda p: p.start))

    def _longest_at(
        self, text: str, folded: str, tokens: list[tuple[str, int, int]], at: int
    ) -> tuple[NamedPlace | None, int]:
        """The longest name that starts here, and how many tokens it takes."""
        if tokens[at][0] in _LINKS:
            return None, 1
        name: list[str] = []
        best: tuple[int, set[str]] | None = None
        for width in range(1, len(tokens) - at + 1):
            token, start, end = tokens[at + width - 1]
            if token in _LINKS:
                continue
            name.append(token)
            if len(name) > self._longest:
                break
            codes = self._spelt(self._names.get(tuple(name)), folded[tokens[at][1] : end])
            proper = any(text[s].isupper() for _, s, _ in tokens[at : at + width])
            if codes and proper:
                best = width, codes
        if not best:
            return None, 1
        width, codes = best
        start, end = tokens[at][1], tokens[at + width - 1][2]
        start, codes = self._hinted(folded, start, tokens, at, codes)
        if end < len(text) and text[end] == ")" and "(" in text[start:end]:
            end += 1
        return NamedPlace(start, end, frozenset(codes)), width

    def _spelt(self, codes: set[str] | None, said: str) -> set[str] | None:
        """Without those that a full stop or a colon would cross, unless their own name has it."""
        marks = set(re.findall(r"(?<!\.)\.(?!\.)|[;:!?]", said))
        if not codes or not marks:
            return codes
        return {c for c in codes if marks <= set(self._types[c].libelle_long)}

    def _hinted(
        self,
        folded: str,
        start: int,
        tokens: list[tuple[str, int, int]],
        at: int,
        codes: set[str],
    ) -> tuple[int, set[str]]:
        """A name with the word before it that says what it names, where one does."""
        before = at - 1
        while before >= 0 and tokens[before][0] in _LINKS:
            before -= 1
        if before < 0 or re.search(r"[.,;:!?()]", folded[tokens[before][2] : start]):
            return start, codes
        word, opens, _ = tokens[before]
        if word in _PLURAL and (kept := self._sets_of(codes)):
            return opens, kept
        wanted = _HINTS.get(word)
        if not wanted:
            return start, codes
        kept = {c for c in codes if self._types[c].type in wanted}
        return (opens, kept) if kept else (start, codes)

    def _sets_of(self, codes: set[str]) -> set[str]:
        """« Les quartiers de… »: the sets of quarters of the places of that name."""
        wanted = {f"QPV@{code}" for code in codes} & self._types.keys()
        return wanted | {c for c in codes if self._types[c].type in sets()}

    def _with_towns(self, text: str, places: list[NamedPlace]) -> list[NamedPlace]:
        """A quarter and its town beside it are one place: the town tells it from its homonyms."""
        merged: list[NamedPlace] = []
        for place in places:
            last = merged[-1] if merged else None
            if last and not (last.relatif or place.relatif):
                between = fold(text[last.end : place.start]).strip(" .,('-")
                if between in ("", "a", "de", "d", "dans", "le quartier", "quartier", "le", "en"):
                    for inner, outer in ((last, place), (place, last)):
                        if kept := self._inside(inner.codes, outer.codes):
                            end = place.end + (text[place.end : place.end + 1] == ")")
                            merged[-1] = NamedPlace(last.start, end, kept)
                            break
                    else:
                        merged.append(place)
                    continue
            merged.append(place)
        return merged

    def _inside(self, inner: frozenset[str], outer: frozenset[str]) -> frozenset[str]:
        """The quarters among these that lie in the commune, EPCI or département among those."""
        names = {fold(self._types[c].libelle) for c in outer if self._types[c].type == "commune"}
        kept = set()
        for code in inner:
            t = self._types[code]
            if t.type not in ("qpv", "perimetre_local"):
                continue
            towns = fold(t.libelle_long)[len(t.libelle) :]
            in_town = any(re.search(rf"(?<![a-z-]){re.escape(n)}(?![a-z-])", towns) for n in names)
            if in_town or outer & {f"EPCI:{t.epci}", f"DEP:{t.departement}"}:
                kept.add(code)
        return frozenset(kept)

    def beside(self, code: str, kind: str) -> str | None:
        """The territory of a type in which one lies, where it lies in one alone."""
        t = self._types[code]
        if kind == "commune":
            towns = fold(t.libelle_long)[len(t.libelle) :].strip(" ()")
            held = [
                c for c, x in self._types.items() if x.type == kind and fold(x.libelle) == towns
            ]
            return held[0] if len(held) == 1 else None
        keys = {"epci": f"EPCI:{t.epci}", "departement": f"DEP:{t.departement}"}
        wanted = keys.get(kind, f"REG:{t.region}")
        return wanted if wanted in self._types else None

    def __getitem__(self, code: str) -> Territoire:
        return self._types[code]


def _tokens(folded: str) -> list[tuple[str, int, int]]:
    kept = [(m[0], m.start(), m.end()) for m in _TOKEN.finditer(_same_in_place(folded))]
    return [(t.rstrip(":@"), s, s + len(t.rstrip(":@"))) for t, s, _ in kept if t.strip(":@")]


def _same_in_place(folded: str) -> str:
    """A folded text with one way of writing; no word moves."""
    for pattern, word in _SAME:
        folded = pattern.sub(partial(_padded, word), folded)
    return folded


def _padded(word: str, m: re.Match[str]) -> str:
    return word.ljust(m.end() - m.start())


def _set_before(folded: str, m: re.Match[str]) -> int:
    """Where a code begins, with « l'ensemble » before it."""
    said = re.search(r"(?<![a-z])l'ensemble $", folded[: m.start()])
    return said.start() if said else m.start()


def _name(text: str) -> tuple[str, ...]:
    return tuple(t for t, _, _ in _tokens(fold(text)) if t not in _LINKS)


def _names_of(t: Territoire, towns: list[str]) -> Iterator[tuple[str, ...]]:
    """Every way in which a text may call a territory."""
    labels = [name for label in {t.libelle, t.libelle_long} if (name := _name(label))]
    if t.type == "qpv":
        yield from _names_of_quarter(labels, _name(t.libelle), towns)
        return
    for name in labels:
        yield name
        if t.type == "epci" and name[0] in _EPCI_HEADS and len(name) > 1:
            yield name[1:]
        if t.type in sets() and name[0] == "qp":
            yield ("quartiers", *name[1:])
            if len(name) > 2 and name[1] in _EPCI_HEADS:
                yield (name[0], *name[2:])
                yield ("quartiers", *name[2:])


def _names_of_quarter(
    labels: list[tuple[str, ...]], own: tuple[str, ...], towns: list[str]
) -> Iterator[tuple[str, ...]]:
    """A quarter by its name, with its towns in any order, with or without « quartier »."""
    named = [*labels]
    for town in towns:
        named += [(*own, *_name(town)), (*_name(town), *own)]
    if 1 < len(towns) <= 3:
        for order in permutations(towns):
            named.append((*own, *(word for town in order for word in _name(town))))
    for name in named:
        bare = name[1:] if name[0] in _QUARTER and len(name) > 1 else name
        yield bare
        for word in _QUARTER:
            yield (word, *bare)
