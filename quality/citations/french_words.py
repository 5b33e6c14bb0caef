"""French words as two texts can be compared by: without case, accents, plurals. Knows no figure.

What counts ages, months, rooms is one word (`<25ans`, `60-74ans`), in labels and in texts alike:
these numbers name an indicator and are no figure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from warehouse.declared.synonyms import synonymes

_UNITS = "zero un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze"
_SMALL = {word: n for n, word in enumerate(f"{_UNITS} seize".split())} | {"une": 1}
_TENS = {"vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60}
_BIG = {"cent": 100, "cents": 100, "mille": 1000, "vingts": 20}
NUMBER_WORDS = {**_SMALL, **_TENS, **_BIG}

#: Words that say nothing of what is counted.
EMPTY = frozenset(synonymes().vides.split())
#: Words that name women alone, and the word that names everybody.
_GENDERED = {
    "demandeuses": "demandeurs", "habitantes": "habitants", "etrangeres": "etrangers",
    "immigrees": "immigres", "inscrites": "inscrits", "assurees": "assures",
    "salariees": "salaries", "ouvrieres": "ouvriers", "employees": "employes",
    "francaises": "francais", "diplomees": "diplomes", "retraitees": "retraites",
    "etudiantes": "etudiants", "bachelieres": "bacheliers", "allocatrices": "allocataires",
    "chomeuses": "chomeurs",
}  # fmt: skip
#: A participle is of women only where an article makes a noun of it.
_ARTICLES = frozenset({"les", "des", "d", "aux", "de", "%", "parmi"})
_NOUNS = frozenset({"demandeuses", "habitantes", "francaises", "etudiantes", "chomeuses"})

#: An age has few digits: a number of 5,000 digits is none.
_NUMBER = rf"(?:[0-9]{{1,9}}|{'|'.join(sorted(NUMBER_WORDS, key=len, reverse=True))})"
_COUNTED = r"(?:ans|an|mois|personnes?|pieces?|enfants?|m2|salaries?|logements?)"
_UP = r"(?: (?:ou|et) plus)"
_LABEL_NUMBERS = re.compile(
    rf"(?<![a-z0-9])(?:(?P<less>moins de )|(?P<more>plus de )|(?P<least>au moins )|(?P<of>de |d'))?"
    rf"(?P<low>{_NUMBER})(?:(?: a |-| ou )(?P<high>{_NUMBER}))? ?(?P<counted>{_COUNTED})"
    rf"(?![a-z0-9])(?P<up>{_UP})?"
    r"|(?<![a-z0-9])(?P<side>avant|apres) (?P<year>(?:19|20)[0-9]{2})(?![0-9])"
    r"|(?<![a-z0-9])de (?P<first>(?:19|20)[0-9]{2}) a (?P<last>(?:19|20)[0-9]{2})(?![0-9])"
    r"|(?<![a-z0-9])naf (?P<naf>20[0-9]{2})(?![0-9])"
    r"|(?<![a-z0-9])(?P<kind>categorie|etiquette)s? "
    r"(?P<letters>[a-g](?:(?:, ?| et | ou | a |/|, et )?[a-g])*)"
    r"(?![a-z'])"
    r"|(?<![a-z0-9])(?P<half>(?:au moins )?la moitie des ressources(?: ou plus)?)(?![a-z])"
    r"|(?<![a-z0-9])(?P<bac>au moins (?:un niveau |le niveau |le )?bac|bac (?:ou|et) plus)(?![a-z])"
    # The tenth or the quarter of a distribution in euros: its number is no figure.
    r"|(?<![0-9,.])(?P<tile>10|20|25|30|40|60|70|75|80) ?% (?:des |d')habitants"
    r"(?=.{0,160}(?:€|euros|plus modestes|plus aises))"
)
_WORD = re.compile(r"[a-z0-9]+\+?|%|€")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a text: as it compares (`stem`), as it stands (`folded`), where it stands."""

    stem: str
    folded: str
    start: int
    end: int

    @property
    def empty(self) -> bool:
        return not self.stem


def fold(text: str) -> str:
    """Lower case without accents, each character of a composed text in its own place."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(map(_folded, composed))


@lru_cache(maxsize=4096)
def _folded(c: str) -> str:
    if c in "’‘ʼ`":
        return "'"
    if c in "–—‑‐−":
        return "-"
    if c.isspace() or not c.isprintable():
        return " "
    first = (unicodedata.normalize("NFKD", c) or " ")[0].lower()
    return first if len(first) == 1 else c


def words(text: str, labels: frozenset[str] | None = None) -> list[Word]:
    """The words of a text in order; empty ones have no stem.

    Args:
        labels: what may stand as one word with its number, as the dictionary has them; None: all.
    """
    folded = fold(text)
    found: list[Word] = []
    at = 0
    for label in _LABEL_NUMBERS.finditer(folded):
        name = _label_name(label)
        if name is None or (labels is not None and name not in labels):
            continue
        found += _plain(folded, at, label.start())
        found.append(Word(name, label[0], label.start(), label.end()))
        at = label.end()
    found += _plain(folded, at, len(folded))
    return found


def label_names(text: str) -> frozenset[str]:
    """What stands as one word with its number in a label of the dictionary."""
    return frozenset(filter(None, map(_label_name, _LABEL_NUMBERS.finditer(fold(text)))))


def significant(text: str, labels: frozenset[str] | None = None) -> frozenset[str]:
    """The words that say something."""
    return frozenset(w.stem for w in words(text, labels) if w.stem)


def number_of(word: str) -> int | None:
    """A whole number in digits, or one word of it."""
    return int(word) if word.isascii() and word.isdigit() else NUMBER_WORDS.get(word)


def _label_name(m: re.Match[str]) -> str | None:
    if m["side"]:
        return f"{m['side']}{m['year']}"
    if m["first"]:
        return f"{m['first']}-{m['last']}"
    if m["naf"]:
        return f"naf{m['naf']}"
    if m["letters"]:
        return f"{m['kind']}:{_letters(m['letters'])}"
    if m["half"]:
        return ">=moitieressources"
    if m["bac"]:
        return ">=bac"
    if m["tile"]:
        return f"{m['tile']}%habitants"
    counted = m["counted"].rstrip("s") + "s" if m["counted"] != "m2" else "m2"
    low, high = number_of(m["low"]), number_of(m["high"]) if m["high"] else None
    if m["up"] or m["least"]:
        return f">={low}{counted}" if high is None else None
    if high is not None:
        return f"{low}-{high}{counted}"
    if m["less"]:
        return f"<{low}{counted}"
    return f">{low}{counted}" if m["more"] else f"{low}{counted}"


def _letters(said: str) -> str:
    """`a, b, c`, `a a c` and `abc` are the same letters."""
    if bounds := re.fullmatch(r"([a-g]) a ([a-g])", said):
        return "".join(chr(c) for c in range(ord(bounds[1]), ord(bounds[2]) + 1))
    return re.sub(r"et|ou|[^a-g]", "", said)


def _plain(folded: str, start: int, end: int) -> list[Word]:
    found: list[Word] = []
    for m in _WORD.finditer(folded, start, end):
        word = m[0]
        before = found[-1].folded if found else ""
        if word in _GENDERED and (word in _NOUNS or before in _ARTICLES):
            found.append(Word("femm", word, m.start(), m.end()))
            word = _GENDERED[word]
        stem = "" if word in EMPTY or word in "%€" else stem_of(word)
        found.append(Word(stem, m[0], m.start(), m.end()))
    return found


@lru_cache(maxsize=65536)
def stem_of(word: str) -> str:
    """A word without its plural and its feminine; short ones are left as they are."""
    if any(c.isdigit() for c in word):
        return word
    word = word.replace("euse", "eur") if word.endswith(("euse", "euses")) else word
    for ending in ("s", "x"):
        if len(word) > 3:
            word = word.removesuffix(ending)
    if len(word) > 4:
        word = word.removesuffix("e")
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word
