"""Addresses of a list, found in a file of the address base: exactly, nearly, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz

from ingest.lists.address_file import AddressFile, Street
from ingest.lists.list_file import OwnList
from ingest.lists.list_points import (
    AMBIGUE,
    INTROUVABLE,
    SANS_ADRESSE,
    SANS_COMMUNE,
    LocatedRows,
)
from ingest.lists.placing import Points
from ingest.lists.street_names import SaidAddress, said_address, town_codes, way_of
from warehouse.declared.placing_rules import placing_rules

#: What is worth a number without its « bis », and a street without its number.
_SANS_INDICE, _VOIE = 0.9, 0.6
VOIE = "voie"


@dataclass(frozen=True)
class Match:
    """Where an address is: a row of the file, metres that its place leaves open, how sure it is.

    `motif`: why there is none, 0 where there is.
    """

    motif: int
    row: int = -1
    bande: float = 0.0
    position: str = ""
    score: float = 0.0
    adresse: str = ""


class Matcher:
    """Finds addresses in one file; the same address is looked for once."""

    def __init__(self, file: AddressFile) -> None:
        self.file, self.rules = file, placing_rules().adresses
        self._known: dict[SaidAddress, Match] = {}
        self._named: dict[tuple[str, ...], dict[str, list[Street]]] = {}

    def match(self, said: SaidAddress) -> Match:
        """The address of the file that is meant."""
        if said not in self._known:
            self._known[said] = self._looked_for(said)
        return self._known[said]

    def _looked_for(self, said: SaidAddress) -> Match:
        if not said.voie:
            return Match(SANS_ADRESSE)
        around = self._around(said)
        if not around:
            return Match(SANS_COMMUNE)
        streets, alike = self._streets(said.voie, around)
        if not streets:
            return Match(AMBIGUE if alike else INTROUVABLE)
        found = [self._in_street(said, street, alike) for street in streets]
        best = max(match.score for match in found)
        first, *others = (match for match in found if match.score == best)
        if any(self._apart(first, other) for other in others):
            return Match(AMBIGUE)
        return first

    def _around(self, said: SaidAddress) -> dict[str, list[Street]]:
        """The streets of the commune that is meant, by their key."""
        town = (said.code_insee, said.commune, said.code_postal)
        if town not in self._named:
            codes = town_codes(said.commune, said.code_insee)
            named: dict[str, list[Street]] = {}
            for at in self.file.streets_of(codes, said.commune, said.code_postal):
                named.setdefault(self.file.streets[at].key, []).append(self.file.streets[at])
            self._named[town] = named
        return self._named[town]

    def _streets(self, voie: str, around: dict[str, list[Street]]) -> tuple[list[Street], float]:
        """The streets of that name, else of the one name nearest to it, and how alike they are.

        No street and a likeness above 0: two names are as near.
        """
        if voie in around:
            return around[voie], 1.0
        scores: dict[str, float] = {}
        for key in around:
            if (alike := _alike(voie, key)) >= self.rules.ressemblance:
                scores[key] = alike
        if not scores:
            return [], 0.0
        best = max(scores, key=lambda key: scores[key])
        second = max((one for key, one in scores.items() if key != best), default=0.0)
        if scores[best] - second < self.rules.ecart:
            return [], scores[best]
        return around[best], scores[best]

    def _in_street(self, said: SaidAddress, street: Street, alike: float) -> Match:
        file = self.file
        numbers = file.numero[street.start : street.end]
        more = self.rules.approchee if alike < 1 else 0.0
        if said.numero:
            rows = street.start + np.flatnonzero(numbers == int(said.numero))
            rows = rows[file.epsg[rows] > 0]
            exact = rows[file.indice[rows] == said.indice]
            if exact.size:
                return self._found(street, int(exact[0]), more, alike)
            if rows.size:
                return self._found(street, int(rows[0]), more + self.rules.sans_indice,
                                   alike * _SANS_INDICE)  # fmt: skip
        rows = street.start + np.flatnonzero(file.epsg[street.start : street.end] > 0)
        if not rows.size:
            return Match(INTROUVABLE)
        away = np.hypot(*(file.metres[rows] - file.metres[rows].mean(axis=0)).T)
        middle = int(rows[away.argmin()])
        reach = float(np.hypot(*(file.metres[rows] - file.metres[middle]).T).max())
        return self._found(street, middle, more + reach, alike * _VOIE, VOIE)

    def _found(
        self, street: Street, row: int, more: float, score: float, position: str = ""
    ) -> Match:
        file = self.file
        number = "" if position else f"{file.numero[row]}{file.indice[row].lower()} "
        return Match(
            0,
            row,
            float(file.bande[row]) + more,
            position or file.position(row) or "inconnue",
            round(score, 3),
            f"{number}{street.nom} {file.code_postal(row)} {street.commune}",
        )

    def _apart(self, one: Match, other: Match) -> bool:
        """Whether two rows are farther than what their places leave open."""
        if one.motif or other.motif:
            return one.motif != other.motif
        gap = self.file.metres[one.row] - self.file.metres[other.row]
        return bool(np.hypot(*gap) > max(one.bande, other.bande))


def _alike(said: str, key: str) -> float:
    """How alike two names are, 0 to 1; 0 where their ways or their numbers differ."""
    (way, rest), (other_way, other) = way_of(said), way_of(key)
    if way and other_way and way != other_way:
        return 0.0
    if _digits(rest) != _digits(other):
        return 0.0
    return fuzz.token_sort_ratio(rest, other) / 100


def _digits(text: str) -> list[str]:
    return sorted(word for word in text.split() if word.isdigit())


def located_by_addresses(liste: OwnList, colonnes: dict[str, str], matcher: Matcher) -> LocatedRows:
    """The rows of a list as points, by their addresses."""
    street = colonnes.get("adresse") or colonnes["voie"]
    parts: list[Callable[[int], str]] = []
    for header in (street, *(colonnes.get(role) for role in
                             ("numero", "code_postal", "commune", "code_insee"))):  # fmt: skip
        cells = liste.texts(header).to_pylist() if header else None
        parts.append(cells.__getitem__ if cells else lambda _: "")
    found = [matcher.match(said_address(*(cell(at) for cell in parts))) for at in range(liste.rows)]
    return _rows_of(found, matcher.file, colonnes)


def _rows_of(found: Sequence[Match], file: AddressFile, colonnes: dict[str, str]) -> LocatedRows:
    row = np.array([match.row for match in found])
    placed = row >= 0
    points = Points(
        np.where(placed[:, None], file.metres[row], np.nan),
        np.where(placed, file.epsg[row], 0),
        np.array([match.bande for match in found]),
    )
    return LocatedRows(
        points,
        np.array([match.motif for match in found]),
        [match.position for match in found],
        np.array([match.score if match.row >= 0 else np.nan for match in found]),
        [match.adresse for match in found],
        colonnes,
    )


def point_of(match: Match, file: AddressFile) -> Points:
    """One found address as a point."""
    return _rows_of([match], file, {}).points
