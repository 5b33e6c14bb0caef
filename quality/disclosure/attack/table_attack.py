"""Tables from elsewhere and the relations declared of them, as the attacker's system."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise

from ..audit.system import Protection, System, SystemBuilder
from ..refused import in_words
from ..tables.declared import (
    EvolutionDeclaree,
    Mesure,
    PartDeclaree,
    RegleDeclaree,
    Relations,
    TableauDeclare,
)
from ..tables.table_cells import Case, Key, Place, Rules, Tables, code_of, key_name
from .bindings import Bindings, Sum, hierarchy_label, pair_label, sum_label
from .protections import partly, protection_of, rounded_protection
from .reach import Reach, blank_cells
from .seen_in_tables import sums_in_tables

#: File of a hierarchy → its lines of codes, from the coarsest level to the finest.
Hierarchies = Callable[[str], Sequence[Sequence[str]]]


class TableSystem:
    """The system under construction, one method per kind of knowledge."""

    def __init__(
        self,
        declared: Relations,
        rules: Rules,
        tables: Tables,
        hierarchies: Hierarchies,
        ou: str,
    ) -> None:
        self.declared, self.rules, self.tables = declared, rules, tables
        self.hierarchies = hierarchies
        self.builder = SystemBuilder[Key]()
        self.places: dict[str, list[Place]] = {}
        for case in tables.cases:
            self.places.setdefault(case.key[0], []).append(case.key[1])
        #: Mesure → where relations alone speak of it.
        self.behind: dict[str, set[Place]] = {}
        self.printed: dict[Key, tuple[float, float]] = {}
        self.done: set[object] = set()
        #: Cells before any sum along the key: printed, or behind a rate.
        self.real: set[Key] = set()
        self.homes: dict[Key, set[str]] = {}
        for case in tables.cases:
            self.homes.setdefault(case.key, set()).add(case.fichier)
        self.linked: set[tuple[str, str]] = set()
        self.bindings = Bindings(declared, tables, self.places, ou)

    def system(self) -> System:
        self._cells()
        self._name_all()
        for somme in self.declared.sommes:
            for place in self._places(somme.total, *somme.parties):
                terms = {(somme.total, place): 1.0}
                terms |= {(part, place): -1.0 for part in somme.parties}
                said = f"{somme.total} = {' + '.join(somme.parties)}"
                self._relation(terms, f"{said} ({self._of(place)})")
        for inner, outer in self.declared.dans:
            for place in self._places(inner, outer):
                self._at_most((inner, place), (outer, place))
        for part in self.declared.parts:
            self._part(part)
        for evolution in self.declared.evolutions:
            self._evolution(evolution)
        behind = {(mesure, place) for mesure, where in self.behind.items() for place in where}
        self.real = {*self.homes} | behind
        sums = {name: self._sums(name) for name in self.declared.dimensions}
        for tableau in self.declared.tableaux:
            self._along_dimensions(tableau, sums)
        self._seen(sums)
        self.bindings.close()
        self.bindings.tables_apart(self.linked)
        return self.builder.build()

    def _seen(self, sums: dict[str, list[Sum]]) -> None:
        """Sums that the figures show and nobody declared, where the tables have their terms."""
        for said, places in sums_in_tables(self.declared, self.tables, self.printed, sums):
            label = f"somme que personne ne déclare : {said}"
            self.bindings.reserves.append(f"{label} ; attaquée elle aussi")
            for terms in places:
                if all(key in self.builder for key in terms):
                    self._relation(terms, label)

    def reach(self, system: System) -> Reach:
        """What the relations leave aside."""
        masked = {c.key for c in self.tables.cases if c.masquee}
        blanks = {
            at: c.ou
            for c in self.tables.cases
            if c.valeur is None and c.key not in masked and c.key not in self.printed
            if (at := self.builder.number(c.key)) is not None
        }
        beside, given = blank_cells(system, blanks)
        signs = [t.masque.signes for t in self.declared.tableaux if t.masque]
        return Reach(
            reserves=[*self.bindings.reserves, *self._unjudged_rules()],
            laisses=self.tables.laisses,
            signes=[*self.declared.masques, *(s for group in signs for s in group)],
            vides=beside,
            donnees=given,
            seuils=any(r.seuil is not None for r in self.rules.values()),
            cles={n: key for key in masked if (n := self.builder.number(key)) is not None},
        )

    def _unjudged_rules(self) -> Iterator[str]:
        for mesure, columns in self.tables.sans_colonnes.items():
            said = in_words(list(dict.fromkeys(columns)))
            yield (
                f"règle de {mesure} : sans les colonnes {said}, rien ne dit quelles cases sont "
                "sous secret ; aucune ne doit se retrouver exactement"
            )

    def _name_all(self) -> None:
        """Every name that the relations use, before any is used."""
        bindings = self.bindings
        for at, somme in enumerate(self.declared.sommes):
            label = f"sommes.{at} ({somme.total} = {' + '.join(somme.parties)})"
            bindings.mesures(label, [somme.total, *somme.parties])
        for at, pair in enumerate(self.declared.dans):
            bindings.mesures(f"dans.{at} ({' <= '.join(pair)})", pair)
        for at, part in enumerate(self.declared.parts):
            bindings.mesures(f"parts.{at} ({part.part})", [part.part], [part.num, part.den])
        for at, evolution in enumerate(self.declared.evolutions):
            for kind in ("nb", "pct", "pts"):
                if said := getattr(evolution, kind):
                    ends = [evolution.actuel, evolution.avant]
                    bindings.mesures(f"evolutions.{at}.{kind} ({said})", [said], ends)
        for name, dimension in self.declared.dimensions.items():
            bindings.dimension(name, dimension)
        bindings.unused()

    def _cells(self) -> None:
        """Printed cells first: a cell masked in one table and printed in another is exposed."""
        hidden = [c for c in self.tables.cases if c.valeur is None]
        masked = {c.key for c in hidden if c.masquee}
        shown: dict[Key, Case] = {}
        for case in self.tables.cases:
            if case.valeur is not None:
                self._printed(case, case.valeur)
                shown.setdefault(case.key, case)
        for key, case in shown.items():
            low, high = self.printed[key]
            if key in masked:
                continue
            regle = self.rules.get(key[0])
            counted = self.tables.mesures[key[0]].type == "effectif"
            if self._rounded(key, regle):
                continue
            under = regle and regle.seuil and counted and low > 0 and high < regle.seuil
            if under or key in (self.tables.a_masquer or ()):
                self.builder.uncovered(f"{key_name(key)} ({case.ou})")
            if low == high:
                self.builder.known(key, low)
            else:
                self._unknown(key, low=low, high=high)
        for case in hidden:
            if case.key in shown and not case.masquee:
                continue
            mesure = self.tables.mesures[case.key[0]]
            regle = self.rules.get(case.key[0])
            asked = partly(regle) if regle and case.key[0] in self.tables.sans_colonnes else regle
            protection = protection_of(mesure, asked, case) if case.masquee else None
            self._unknown(case.key, protection=protection, seul=case.seul)
        for case in shown.values():
            if case.key in masked:
                low, high = self.printed[case.key]
                self.builder.range({case.key: 1.0}, low, high, f"imprimé : {case.ou}")

    def _rounded(self, key: Key, regle: RegleDeclaree | None) -> bool:
        """A count whose rounding keeps sums: printed, and to be kept all the same."""
        low, high = self.printed[key]
        if regle is None or self.tables.mesures[key[0]].portee is None or low == high:
            return False
        marked = self.tables.a_masquer
        under = None if marked is None else key in marked
        self._unknown(key, low=low, high=high, protection=rounded_protection(regle, low, under))
        return True

    def _printed(self, case: Case, valeur: float) -> None:
        """What print says of a cell; of two figures that cannot both be, the first stands."""
        low, high = valeur - case.demi, valeur + case.demi
        if self.tables.mesures[case.key[0]].entier and case.demi:
            low, high = float(math.ceil(low)), float(math.floor(high))
        before = self.printed.get(case.key, (low, high))
        both = max(low, before[0]), min(high, before[1])
        if both[0] > both[1]:
            self.builder.contradiction(f"{key_name(case.key)} : deux valeurs, dont {case.ou}")
        self.printed[case.key] = both if both[0] <= both[1] else before

    def _unknown(
        self,
        key: Key,
        *,
        low: float = float("-inf"),
        high: float = float("inf"),
        protection: Protection | None = None,
        seul: bool = False,
    ) -> None:
        mesure = self.tables.mesures.get(key[0], Mesure())
        top = mesure.maximum if mesure.maximum is not None else float("inf")
        self.builder.unknown(
            key,
            key_name(key),
            lower=max(low, mesure.bas),
            upper=min(high, top),
            integer=mesure.entier,
            protection=protection,
            seul=seul,
        )

    def _cell(self, key: Key) -> Key:
        """A cell named by a relation; never printed, it is an unknown of the reader."""
        if key not in self.builder:
            self._unknown(key)
            self.behind.setdefault(key[0], set()).add(key[1])
        return key

    def _relation(self, terms: dict[Key, float], nom: str) -> None:
        self.builder.relation({self._cell(k): c for k, c in terms.items()}, nom)

    def _at_most(self, inner: Key, outer: Key) -> None:
        terms = {self._cell(inner): -1.0, self._cell(outer): 1.0}
        self.builder.range(terms, 0.0, float("inf"), f"{key_name(inner)} <= {key_name(outer)}")

    def _places(self, *mesures: str) -> list[Place]:
        """Where at least one of these mesures is in a table."""
        return list(dict.fromkeys(p for m in mesures for p in self.places.get(m, ())))

    def _of(self, place: Place) -> str:
        return ", ".join(code for _, code in sorted(place)) or "ensemble"

    # --- along the columns of the key

    def _along_dimensions(self, tableau: TableauDeclare, sums: dict[str, list[Sum]]) -> None:
        mesures = [m.nom or c for c, m in tableau.mesures.items()]
        places = {p for m in mesures for p in self.places[m]}
        # Counts behind the rates of this table add up as its own do.
        mesures += [m for m, where in self.behind.items() if m not in mesures and where & places]
        for dimension in tableau.dimensions:
            within = self.declared.dimensions.get(dimension)
            around = {frozenset(x for x in p if x[0] != dimension) for p in places}
            rests = sorted((r for r in around if self._in_table(r, tableau)), key=sorted)
            for mesure in mesures:
                kind = self.tables.mesures.get(mesure, Mesure())
                if not kind.additive:
                    continue
                for rest in rests:
                    for one in sums.get(dimension, ()):
                        self._sum(mesure, dimension, rest, one, tableau)
                    if within and kind.type == "effectif":
                        for at, pair in enumerate(within.dans):
                            label = pair_label(dimension, at, within)
                            self._pair(label, mesure, dimension, rest, *pair)

    def _in_table(self, rest: Place, tableau: TableauDeclare) -> bool:
        codes = self.tables.codes[tableau.fichier]
        return all(d in codes and code in codes[d] for d, code in rest)

    def _sums(self, dimension: str) -> list[Sum]:
        """What adds up along a column of the key, parts of a pattern in the order of print."""
        declared = self.declared.dimensions[dimension]
        found, codes = [], self.bindings.codes(dimension)
        for at, somme in enumerate(declared.sommes):
            parts = [c for c in codes if any(fnmatchcase(c, p) for p in somme.parties)]
            parts = [c for c in parts if c != somme.total]
            found.append(Sum(sum_label(dimension, at, declared), somme.total, parts, seules=True))
            self.bindings.expect(found[-1].label, "aucune mesure qui s'additionne n'a ce total")
        for at in range(len(declared.dans)):
            why = "aucun effectif n'est imprimé pour les deux codes"
            self.bindings.expect(pair_label(dimension, at, declared), why)
        named = list[str]()
        for hierarchy in declared.hierarchies:
            label = hierarchy_label(dimension, hierarchy)
            for parent, children in self._hierarchy(hierarchy, declared.total):
                found.append(Sum(label, parent, children))
                named += [parent, *children]
            why = "aucun de ses codes n'est une ligne des tableaux, à côté de son total"
            self.bindings.expect(label, why)
        self.bindings.orphans(dimension, declared, named)
        return found

    def _hierarchy(self, name: str, total: str | None) -> Iterator[tuple[str, list[str]]]:
        """A code that stands at two levels is its own and only child: no relation there."""
        children: dict[str, dict[str, None]] = {}
        for codes in self.hierarchies(name):
            line = [total, *codes] if total else [*codes]
            for parent, child in pairwise(line):
                if parent != child:
                    children.setdefault(parent, {})[child] = None
        yield from ((parent, list(found)) for parent, found in children.items())

    def _sum(
        self, mesure: str, dimension: str, rest: Place, one: Sum, tableau: TableauDeclare
    ) -> None:
        def key(code: str) -> Key:
            return mesure, rest | code_of(dimension, code, self.declared)

        total = key(one.total)
        there = [p for p in one.parts if key(p) in self.real]
        if there and total in self.builder:
            self.bindings.met(one.label)
            if tableau.fichier not in self.homes.get(total, {tableau.fichier}):
                self.linked.add((mesure, tableau.fichier))
        mark = ("somme", dimension, total, frozenset(one.parts))
        if mark in self.done or total not in self.builder or not one.parts:
            return
        self.done.add(mark)
        own = self.tables.codes[tableau.fichier][dimension]
        parts, short = one.parts, [p for p in one.parts if p not in there and p not in own]
        if tableau.absentes == "zero":
            parts, short = [p for p in parts if key(p) in self.builder], []
        elif one.seules:
            parts = [p for p in parts if p not in short]
        self.bindings.short(one.label, mesure, short, left_out=one.seules)
        terms = {total: 1.0} | {key(p): -1.0 for p in parts}
        self._relation(terms, f"{key_name(total)} = somme de {len(parts)} ({dimension})")

    def _pair(
        self, label: str, mesure: str, dimension: str, rest: Place, inner: str, outer: str
    ) -> None:
        a, b = ((mesure, rest | code_of(dimension, c, self.declared)) for c in (inner, outer))
        if a in self.builder and b in self.builder:
            self.bindings.met(label)
            if ("dans", a, b) not in self.done:
                self.done.add(("dans", a, b))
                self._at_most(a, b)

    # --- between columns

    def _ratio(self, key: Key, num: Key, den: Key, facteur: float) -> None:
        """key = facteur × num / den, as ranges where key is printed, exact where den is."""
        num, den = self._cell(num), self._cell(den)
        if key in self.printed:
            low, high = self.printed[key]
            said = f"{key_name(key)}, imprimé entre {low:g} et {high:g}"
            self.builder.range({num: facteur, den: -low}, 0.0, float("inf"), said)
            self.builder.range({num: facteur, den: -high}, float("-inf"), 0.0, said)
        elif key in self.builder and (value := self.builder.value(den)):
            self.builder.relation({num: facteur, key: -value}, f"{key_name(key)} sur {value:g}")
        elif key in self.builder and den in self.printed and self._signless(key):
            # A rate of at least 0 over a rounded figure: between num / high and num / low.
            low, high = self.printed[den]
            said = f"{key_name(key)} sur {key_name(den)}, imprimé entre {low:g} et {high:g}"
            self.builder.range({num: facteur, key: -max(low, 0.0)}, 0.0, float("inf"), said)
            self.builder.range({num: facteur, key: -high}, float("-inf"), 0.0, said)

    def _signless(self, key: Key) -> bool:
        """Whether a figure cannot be negative."""
        return self.tables.mesures.get(key[0], Mesure()).bas >= 0

    def _part(self, part: PartDeclaree) -> None:
        for place in self._places(part.part, part.num):
            num, den = (part.num, place), (part.den, place)
            self._ratio((part.part, place), num, den, part.facteur)
            if not part.depasse:
                self._at_most(num, den)

    def _evolution(self, evolution: EvolutionDeclaree) -> None:
        now, before = evolution.actuel, evolution.avant
        said_by = filter(None, (evolution.nb, evolution.pct, evolution.pts))
        for place in self._places(now, before, *said_by):
            if evolution.nb:
                terms = {(now, place): 1.0, (before, place): -1.0, (evolution.nb, place): -1.0}
                said = f"{now} - {before} = {evolution.nb} ({self._of(place)})"
                self._relation(terms, said)
            if evolution.pct:
                self._change((evolution.pct, place), (now, place), (before, place))
            if evolution.pts:
                terms = {(now, place): 1.0, (before, place): -1.0, (evolution.pts, place): -1.0}
                said = f"{now} - {before} = {evolution.pts} points ({self._of(place)})"
                self._relation(terms, said)

    def _change(self, key: Key, now: Key, before: Key) -> None:
        """key = 100 × (now - before) / before."""
        now, before = self._cell(now), self._cell(before)
        if key in self.printed:
            low, high = self.printed[key]
            said = f"{key_name(key)}, imprimé entre {low:g} et {high:g}"
            self.builder.range({now: 100.0, before: -100.0 - low}, 0.0, float("inf"), said)
            self.builder.range({now: 100.0, before: -100.0 - high}, float("-inf"), 0.0, said)
        elif key in self.builder and (value := self.builder.value(before)):
            terms = {now: 100.0, before: -100.0, key: -value}
            self.builder.relation(terms, f"{key_name(key)} depuis {value:g}")
        elif key in self.builder and before in self.printed and self._signless(now):
            # 100 + key is at least 0 as `now` is: 100 × now is between (100 + key) × low and high.
            low, high = self.printed[before]
            said = f"{key_name(key)} depuis {key_name(before)}, imprimé entre {low:g} et {high:g}"
            low = max(low, 0.0)
            self.builder.range({now: 100.0, key: -low}, 100.0 * low, float("inf"), said)
            self.builder.range({now: 100.0, key: -high}, float("-inf"), 100.0 * high, said)
