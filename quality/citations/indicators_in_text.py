"""Which indicators some words name, by the words of the dictionary. Reads no figure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from quality.citations.french_words import fold, label_names, significant, stem_of
from quality.citations.numbers_in_text import Unite
from warehouse.declared.synonyms import Synonymes
from warehouse.release.published import IndicateurPublie

_VERBS = (
    "sont|est|ont|a|vivent|comptent|compte|disposent|relevent|percoivent|etaient|etait|avaient"
    "|avait|beneficient|touchent|n'ont|n'est|n'a|n'etaient|l'ont|habitent|se trouvent"
)
_AMONG = re.compile(
    rf"(?:parmi|au sein d(?:e|es|u)|chez)\s+(.*?)(?:[,;:()]|(?<![a-z])(?:{_VERBS})(?![a-z])|$)"
)
_PERCENT_OF = re.compile(
    rf"%\s+(?:des|du|de la|de l'|d'entre)\s*(.*?)(?:[,;:()]|(?<![a-z])(?:{_VERBS})(?![a-z])|$)"
)
#: What everybody is: a part of them needs no other word.
EVERYBODY = frozenset({"habitant", "population", "personn"})
#: « A, B, C » is one name, not a list of clauses.
_LETTERS = re.compile(r"(?<= [a-g]), (?=(?:ou |et )?[a-g](?![a-z]))")
_PLACES = re.compile(r"\{[a-z]+\}")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)")


@dataclass(frozen=True)
class ClaimWords:
    """The words of a claim: all that say something, and those of what a part is taken of."""

    mots: frozenset[str]
    base: frozenset[str]

    @property
    def sujet(self) -> frozenset[str]:
        return self.mots - self.base


def base_of(folded: str, labels: frozenset[str] | None) -> frozenset[str]:
    """What a percentage is taken of, as a text says it; empty where it does not."""
    folded = _LETTERS.sub(" ", folded)
    found: frozenset[str] = frozenset()
    for pattern in (_AMONG, _PERCENT_OF):
        for m in pattern.finditer(folded):
            found |= significant(m[1], labels)
    return found


@dataclass(frozen=True)
class NamePhrase:
    """One way of naming an indicator."""

    mots: frozenset[str]
    base: frozenset[str]
    est_lecture: bool = False


@dataclass(frozen=True)
class Named:
    """An indicator with all its names; `lexique`: every word that may be said with it."""

    code: str
    unite: str
    phrases: tuple[NamePhrase, ...]
    lexique: frozenset[str]
    base: frozenset[str]

    @cached_property
    def sujet(self) -> frozenset[str]:
        """What is a part of the whole, in one name or another."""
        return frozenset().union(*(p.mots - p.base for p in self.phrases))

    def turns_round(self, said: ClaimWords) -> bool:
        """Whether a text takes the part of the whole for the whole of the part."""
        if not (said.base and self.base):
            return False
        whole_as_part = said.sujet & self.base - self.sujet - EVERYBODY
        part_as_whole = said.base & self.sujet - self.base
        return bool(part_as_whole or whole_as_part)


@dataclass(frozen=True)
class IndicatorMatch:
    """An indicator that words name; not `entier` where some of its own words are not said, or
    words said are not its own (`inconnus`)."""

    code: str
    mots: frozenset[str]
    entier: bool
    inconnus: frozenset[str] = frozenset()


class Lexicon:
    """The indicators of a release as words."""

    def __init__(self, indicateurs: Iterable[IndicateurPublie], synonymes: Synonymes) -> None:
        rows = [*indicateurs]
        texts = {row.code: _texts(row, synonymes) for row in rows}
        self.labels: frozenset[str] = frozenset().union(
            *(label_names(text) for each in texts.values() for text, _ in each)
        )
        self._mots = {
            stem_of(fold(word)): significant(other, self.labels)
            for word, other in synonymes.mots.items()
        }
        self.named = [self._named(row, texts[row.code]) for row in rows]
        self.by_code = {one.code: one for one in self.named}

    def said(self, text: str, base: str) -> ClaimWords:
        """The words of a claim, in the dictionary's own words.

        Args:
            text: without its places, periods and figures; `base`: the same with figures as `0 %`.
        """
        return ClaimWords(
            self.own(significant(text, self.labels)), self.own(base_of(fold(base), self.labels))
        )

    def own(self, mots: frozenset[str]) -> frozenset[str]:
        """Words as the dictionary has them."""
        return frozenset(own for mot in mots for own in self._mots.get(mot, {mot}))

    def match(self, said: ClaimWords, unite: Unite) -> list[IndicatorMatch]:
        """The indicators that all these words name, the most precise ones; else the near ones."""
        found: list[IndicatorMatch] = []
        near: list[IndicatorMatch] = []
        for one in self.named:
            if not fits(unite, one.unite) or one.turns_round(said):
                continue
            unknown = said.mots - one.lexique
            for phrase in one.phrases:
                missing = phrase.mots - said.mots
                based = not phrase.est_lecture or not phrase.base - EVERYBODY or said.base
                if not missing and not unknown and based:
                    found.append(IndicatorMatch(one.code, phrase.mots, True))
                elif not missing or (not unknown and said.mots and len(missing) <= len(said.mots)):
                    near.append(IndicatorMatch(one.code, phrase.mots & said.mots, False, unknown))
        if found:
            best = [m for m in found if not any(m.mots < n.mots for n in found)]
            return [*{m.code: m for m in best}.values()]
        return [*{m.code: m for m in sorted(near, key=lambda m: len(m.mots))}.values()]

    def _named(self, row: IndicateurPublie, texts: list[tuple[str, bool]]) -> Named:
        phrases, base, lexicon = [], frozenset[str](), frozenset[str]()
        for text, is_reading in texts:
            mots = self.own(significant(text, self.labels))
            own_base = (
                self.own(base_of(fold(text), self.labels)) if row.unite == "%" else frozenset()
            )
            lexicon |= mots
            base |= own_base
            if mots:
                phrases.append(NamePhrase(mots, own_base, is_reading))
        return Named(row.code, row.unite, tuple(phrases), lexicon, base)


def fits(unite: Unite, of_indicator: str) -> bool:
    """Whether a printed unit may be that of an indicator."""
    if unite == "%":
        return of_indicator == "%"
    if unite == "points":
        return of_indicator == "points"
    if unite == "€":
        return "€" in of_indicator
    return of_indicator not in ("%", "points")


def _texts(row: IndicateurPublie, synonymes: Synonymes) -> list[tuple[str, bool]]:
    """The names of an indicator, and which of them is its sentence."""
    texts = [(row.libelle, False), (_PLACES.sub(" ", row.lecture), True)]
    texts += [(text, False) for text in synonymes.indicateurs.get(row.code, [])]
    return texts
