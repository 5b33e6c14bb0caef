"""Which commune a name was in a given year, and what it has taken in since. Judges no figure."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

_ARRONDISSEMENT = re.compile(r"(paris|lyon|marseille) [0-9]+(er|e) arrondissement")


class Commune(NamedTuple):
    """A commune that existed on 1 January of a year, as the composition of EPCI lists it."""

    code: str
    libelle: str
    departement: str
    epci: str


@lru_cache(maxsize=100_000)
def name_key(name: str) -> str:
    """A name as compared: neither case, accents, ligatures, hyphens nor blanks count."""
    spelt = re.sub(r"[œŒ]", "oe", re.sub(r"[æÆ]", "ae", name))
    plain = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", plain).strip()


class Geographies:
    """The communes of some years, and which ones another has taken in (communes déléguées)."""

    def __init__(
        self, communes: Mapping[str, Iterable[Commune]], parentes: Mapping[str, str]
    ) -> None:
        """
        Args:
            communes: year → the communes of 1 January.
            parentes: code of a commune déléguée → code of the commune that took it in.
        """
        self._known = {year: {c.code: c for c in listed} for year, listed in communes.items()}
        self._parentes = parentes
        self._mergers: dict[tuple[str, str], dict[str, str]] = {}
        self._codes: dict[str, dict[tuple[str, str], list[str]]] = {}
        for year, known in self._known.items():
            index: dict[tuple[str, str], list[str]] = defaultdict(list)
            for one in known.values():
                key = name_key(one.libelle)
                index[one.departement, key].append(one.code)
                index["", key].append(one.code)
            self._codes[year] = index

    @property
    def knows_mergers(self) -> bool:
        """Whether anything is known of what communes took in."""
        return bool(self._parentes)

    def year_for(self, year: str) -> str | None:
        """That year, or the first known one after it; None where there is none."""
        return min((y for y in self._known if y >= year), default=None)

    def code(self, name: str, departement: str, year: str) -> str | None:
        """The code of a name: in its département, else where it is the only one of that name.

        An arrondissement of Paris, Lyon or Marseille, which no list holds, is its own name.
        """
        key = name_key(name)
        if _ARRONDISSEMENT.fullmatch(key):
            return key
        for place in (departement, ""):
            codes = self._codes[year].get((place, key), [])
            if len(codes) == 1:
                return codes[0]
        return None

    def made_of(self, code: str, before: str, after: str) -> set[str]:
        """The communes of `before` that a commune of `after` is made of."""
        if code not in self._known[after]:
            return {code}
        own = {code} if code in self._known[before] else set()
        return own | {c for c, into in self._gone(before, after).items() if into == code}

    def lost_near(self, codes: Iterable[str], before: str, after: str) -> list[str]:
        """Names of communes gone from the same EPCI, nobody says into which one."""
        known = self._known[before]
        near = {known[c].epci for c in codes if c in known}
        gone = self._gone(before, after)
        return sorted(
            known[c].libelle for c, into in gone.items() if not into and known[c].epci in near
        )

    def _gone(self, before: str, after: str) -> dict[str, str]:
        """Communes that are no more → the one that took them in, empty where nobody says it.

        The official code says it of communes déléguées; else a new name that holds the old one
        does, in the same département (Évry-Courcouronnes).
        """
        if (before, after) not in self._mergers:
            old, new = self._known[before], self._known[after]
            renamed = [
                c for c in new.values() if c.code not in old or old[c.code].libelle != c.libelle
            ]
            self._mergers[before, after] = {
                c.code: self._parentes.get(c.code) or _heir(c, renamed)
                for c in old.values()
                if c.code not in new
            }
        return self._mergers[before, after]

    def names(self, codes: Iterable[str], year: str) -> list[str]:
        """Their names in that year; a code that it does not hold stays as it is."""
        known = self._known[year]
        return sorted(known[c].libelle if c in known else c for c in codes)


def _heir(gone: Commune, renamed: Iterable[Commune]) -> str:
    """The code of the one new name of the département that holds this name; empty if none does."""
    holds = re.compile(rf"\b{re.escape(name_key(gone.libelle))}\b")
    heirs = [
        c.code
        for c in renamed
        if c.departement == gone.departement and holds.search(name_key(c.libelle))
    ]
    return heirs[0] if len(heirs) == 1 else ""
