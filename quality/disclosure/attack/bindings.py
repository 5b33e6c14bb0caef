"""Which declared relations meet cells of the tables: one that meets none is refused by its name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import combinations

from ..refused import DisclosureError, in_words
from ..tables.declared import Dimension, Relations
from ..tables.spelling import fold, listed, near
from ..tables.table_cells import Place, Tables


@dataclass(frozen=True)
class Sum:
    """`total` = the sum of `parts` along a column of the key, as the relation `label` says.

    `seules`: only parts that have a line count; else one without a line is unknown.
    """

    label: str
    total: str
    parts: list[str]
    seules: bool = False


def _refusal(label: str, why: str, attendu: str, proche: str | None, ou: str) -> DisclosureError:
    hint = f"écrire « {proche} », tel qu'il est imprimé" if proche else ""
    return DisclosureError(
        f"la relation {label} ne lie aucune case : {why}",
        ou=ou,
        attendu=attendu,
        faire=hint or "l'écrire comme les tableaux, ou l'ôter des relations",
    )


@dataclass
class Bindings:
    """What the relations meet in the tables.

    `places`: mesure → where it is in a table. `reserves`: what is bound in part, in words.
    """

    declared: Relations
    tables: Tables
    places: dict[str, list[Place]]
    ou: str
    reserves: list[str] = field(default_factory=list)
    _named: set[str] = field(default_factory=set)
    _met: set[str] = field(default_factory=set)
    _asked: dict[str, str] = field(default_factory=dict)

    def expect(self, label: str, why: str) -> None:
        """A relation that must meet cells; `why` is said if it never does."""
        self._asked.setdefault(label, why)

    def met(self, label: str) -> None:
        self._met.add(label)

    def close(self) -> None:
        """Refuse the first relation that met nothing.

        Raises:
            DisclosureError: names it.
        """
        for label, why in self._asked.items():
            if label not in self._met:
                attendu = "au moins une ligne où elle relie des cases des tableaux"
                raise _refusal(label, why, attendu, None, self.ou)

    # --- between columns

    def mesures(self, label: str, printed: Collection[str], behind: Collection[str] = ()) -> None:
        """The names of a relation between mesures, and the lines where those printed meet.

        Args:
            printed: mesures that a table prints, or `non_imprimees` declares.
            behind: those that may be known by this relation alone (a denominator, a past level).

        Raises:
            DisclosureError: a name that nothing bears, or mesures that no line has together.
        """
        known = [*self.places, *self.declared.non_imprimees]
        self._named |= {*printed, *behind}
        for name in dict.fromkeys([*printed, *behind]):
            if name in known:
                continue
            alike = near(name, known)
            if name in printed or alike:
                raise _refusal(
                    label,
                    f"aucun tableau n'imprime la mesure « {name} »",
                    f"une des mesures {listed(known)}, ou une de `non_imprimees`",
                    alike,
                    self.ou,
                )
            said = f"{name} : aucun tableau ne l'imprime, prise pour une inconnue du lecteur"
            if said not in self.reserves:
                self.reserves.append(said)
        seen = [n for n in dict.fromkeys([*printed, *behind]) if n in self.places]
        if not seen:
            raise _refusal(
                label,
                "aucun tableau n'imprime une de ses mesures",
                f"une des mesures {listed(self.places)}",
                None,
                self.ou,
            )
        everywhere = [set(self.places[n]) for n in seen]
        together, somewhere = set.intersection(*everywhere), set.union(*everywhere)
        if not together:
            one = {n: listed([_of(p) for p in self.places[n]]) for n in seen}
            said = " ; ".join(f"{n} est imprimée pour {places}" for n, places in one.items())
            alike = "des codes de ligne écrits de la même façon dans les tableaux"
            raise _refusal(
                label, f"aucune ligne n'a {in_words(seen)}, {said}", alike, None, self.ou
            )
        if len(together) < len(somewhere):
            apart = sorted(_of(p) for p in somewhere - together)
            self.reserves.append(
                f"{label} : {len(together)} ligne(s) sur {len(somewhere)} ont "
                f"{in_words(seen)} ; pas {listed(apart)}"
            )

    def unused(self) -> None:
        """Say which mesures are declared and named by no relation."""
        left = [n for n in self.declared.non_imprimees if n not in {*self._named, *self.places}]
        self.reserves += [f"non_imprimees.{name} : aucune relation ne la nomme" for name in left]

    # --- along the columns of the key

    def dimension(self, name: str, dimension: Dimension) -> None:
        """The codes that a dimension names.

        Raises:
            DisclosureError: a code or a pattern that no line bears, or one spelled nearly.
        """
        place, codes = f"dimensions.{name}", self.codes(name)
        wholes = {dimension.total} if dimension.total and self._whole_elsewhere(name) else set()
        if dimension.total and dimension.total not in {*codes, *wholes}:
            self._no_code(f"{place}.total ({dimension.total})", dimension.total, codes)
        for at, somme in enumerate(dimension.sommes):
            label = sum_label(name, at, dimension)
            if somme.total not in {*codes, *wholes}:
                self._no_code(label, somme.total, codes)
            for pattern in somme.parties:
                if not any(fnmatchcase(c, pattern) for c in codes if c != somme.total):
                    self._no_code(label, pattern, codes)
        for at, pair in enumerate(dimension.dans):
            for code in pair:
                if code not in {*codes, *wholes}:
                    self._no_code(pair_label(name, at, dimension), code, codes)

    def orphans(self, name: str, dimension: Dimension, hierarchy: Collection[str]) -> None:
        """Printed codes that no relation of the dimension touches.

        Args:
            hierarchy: the codes that its file holds.

        Raises:
            DisclosureError: one is spelled nearly as a code or a pattern of the relations.
        """
        if not (dimension.sommes or dimension.dans or hierarchy):
            return
        patterns = [p for s in dimension.sommes for p in s.parties]
        named = {*hierarchy, dimension.total, *(s.total for s in dimension.sommes)}
        named |= {code for pair in dimension.dans for code in pair}
        left = [
            code
            for code in self.codes(name)
            if code not in named and not any(fnmatchcase(code, p) for p in patterns)
        ]
        for code in left:
            meant = [str(n) for n in [*patterns, *named] if n and fnmatchcase(fold(code), fold(n))]
            if meant:
                raise DisclosureError(
                    f"la ligne « {code} » n'entre dans aucune relation de dimensions.{name}, qui "
                    f"nomme « {meant[0]} »",
                    ou=self.ou,
                    attendu="des codes écrits comme dans les tableaux",
                    faire="écrire de la même façon le code du tableau et celui des relations",
                )
        if left:
            self.reserves.append(
                f"dimensions.{name} : {len(left)} code(s) qu'aucune relation ne nomme, laissés "
                f"hors des sommes : {listed(left)}"
            )

    def short(self, label: str, mesure: str, missing: Collection[str], *, left_out: bool) -> None:
        """Say of a sum, once per mesure, which parts have no line."""
        taken = "laissés hors de la somme" if left_out else "pris pour inconnus"
        said = f"{label}, {mesure} : pas de ligne pour {listed(missing)}, {taken}"
        if missing and said not in self.reserves:
            self.reserves.append(said)

    def tables_apart(self, linked: Collection[tuple[str, str]]) -> None:
        """Say which tables share a mesure and no cell.

        Args:
            linked: (mesure, file) that a sum ties to a total printed elsewhere.
        """
        cells: dict[str, dict[str, set[Place]]] = {}
        for case in self.tables.cases:
            cells.setdefault(case.key[0], {}).setdefault(case.fichier, set()).add(case.key[1])
        for mesure, files in cells.items():
            for one, other in combinations(files, 2):
                tied = {(mesure, one), (mesure, other)} & set(linked)
                if tied or files[one] & files[other]:
                    continue
                self.reserves.append(
                    f"{mesure} : {one} et {other} n'ont aucune case en commun, rien ne les relie"
                )

    def codes(self, name: str) -> list[str]:
        """Every code printed in a column of the key, whatever the table."""
        return list(dict.fromkeys(c for t in self.tables.codes.values() for c in t.get(name, ())))

    def _whole_elsewhere(self, name: str) -> bool:
        """Whether a table without this column prints the whole of one that has it."""
        having = [t for t in self.declared.tableaux if name in t.dimensions]
        without = [t for t in self.declared.tableaux if name not in t.dimensions]
        mine = {m.nom or c for t in having for c, m in t.mesures.items()}
        return any((m.nom or c) in mine for t in without for c, m in t.mesures.items())

    def _no_code(self, label: str, code: str, codes: list[str]) -> None:
        alike = [c for c in codes if fnmatchcase(fold(c), fold(code))]
        raise _refusal(
            label,
            f"aucune ligne ne porte le code « {code} »",
            f"un des codes imprimés : {listed(codes)}",
            alike[0] if alike else near(code, codes),
            self.ou,
        )


def sum_label(name: str, at: int, dimension: Dimension) -> str:
    somme = dimension.sommes[at]
    return f"dimensions.{name}.sommes.{at} ({somme.total} = {' + '.join(somme.parties)})"


def pair_label(name: str, at: int, dimension: Dimension) -> str:
    return f"dimensions.{name}.dans.{at} ({' <= '.join(dimension.dans[at])})"


def hierarchy_label(name: str, hierarchy: str) -> str:
    return f"dimensions.{name}.hierarchie ({hierarchy})"


def _of(place: Place) -> str:
    return ", ".join(code for _, code in sorted(place)) or "l'ensemble"
