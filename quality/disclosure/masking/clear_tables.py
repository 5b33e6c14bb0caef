"""Declared tables in clear as a tableau of the engine: cells, sums, primary cells, protections."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp

from ..mask import primary
from ..mask.problem import CANDIDATE, IMPOSEE, LIBRE, PRIMAIRE, TOLERANCE, Tableau
from ..refused import DisclosureError
from ..tables.declared import Mesure, RegleDeclaree, Relations
from ..tables.table_cells import Case, Key, Rules, Tables, code_of, key_name
from .sums import CellSum, Hierarchies, sums_of

#: The attacker judges to a millionth: what is asked here is a little more.
MARGIN = 1 + 1e-5
#: What is not under secrecy itself must not come out as the one figure left.
OPEN_WIDTH = 2.0


@dataclass(frozen=True)
class ClearTables:
    """`keys`: the printed cells, the first of the tableau; `derivees`: printed figure → cells that
    it is computed from (a rate, an evolution), masked with any of them.
    """

    keys: list[Key]
    tableau: Tableau
    derivees: Mapping[Key, tuple[Key, ...]]


def clear_tables(
    tables: Tables,
    relations: Relations,
    rules: Rules,
    hierarchies: Hierarchies,
    opened: Iterable[Key] = (),
) -> ClearTables:
    """What the engine is to mask.

    Args:
        opened: cells that are not under secrecy and must not come out either, once masked.

    Raises:
        DisclosureError: a cell already masked, two figures of one cell, a sum that is false, a
            cost that is not above 0, a rule on a figure that is computed from others.
    """
    return _Assembly(tables, relations, rules, frozenset(opened)).build(hierarchies)


@dataclass
class _Assembly:
    tables: Tables
    relations: Relations
    rules: Rules
    opened: frozenset[Key]
    cases: dict[Key, Case] = field(default_factory=dict)
    #: Unknown to readers and never printed: what lines that are not there leave of a sum.
    free: dict[Key, float] = field(default_factory=dict)

    def build(self, hierarchies: Hierarchies) -> ClearTables:
        derived = self._derived()
        for case in self.tables.cases:
            self._take(case, derived)
        names = {key[0] for key in self.cases}
        additive = {n for n in names if self.tables.mesures[n].additive}
        sums = sums_of(self.tables, self.relations, hierarchies, additive)
        lines = self._lines([s for s in sums if s.total[0] in additive])
        keys = [*self.cases]
        return ClearTables(keys, self._tableau(keys, lines), derived)

    def _derived(self) -> dict[Key, tuple[Key, ...]]:
        """Each printed rate or evolution, and the cells behind it."""
        behind: dict[str, tuple[str, ...]] = {}
        for part in self.relations.parts:
            behind[part.part] = (part.num, part.den)
        for change in self.relations.evolutions:
            for name in (change.nb, change.pct, change.pts):
                if name:
                    behind[name] = (change.actuel, change.avant)
        for name in self.rules:
            if name in behind:
                raise DisclosureError(
                    f"{name} se calcule de {' et '.join(behind[name])} : elle est masquée avec eux",
                    ou=f"regles.{name}",
                    faire="donner la règle de ces mesures, et ôter celle-ci",
                )
        return {
            case.key: tuple((name, case.key[1]) for name in behind[case.key[0]])
            for case in self.tables.cases
            if case.key[0] in behind
        }

    def _take(self, case: Case, derived: Mapping[Key, tuple[Key, ...]]) -> None:
        if case.masquee:
            raise DisclosureError(
                "une case est déjà masquée",
                ou=case.ou,
                attendu="des tableaux en clair",
                faire="donner les tableaux d'avant leur masque, ou ôter ce signe de `masques`",
            )
        if case.valeur is None or case.key in derived:
            return
        known = self.cases.get(case.key)
        if known is None or known.valeur is None:
            self.cases[case.key] = case
            return
        if abs(known.valeur - case.valeur) > known.demi + case.demi + TOLERANCE * abs(case.valeur):
            raise DisclosureError(
                f"deux chiffres pour une case : {known.valeur:g} et {case.valeur:g}",
                ou=f"{known.ou} et {case.ou}",
                attendu="la même valeur dans chaque tableau",
                faire="corriger l'un des deux, ou donner un autre nom à cette mesure",
            )
        if case.demi < known.demi:
            self.cases[case.key] = case

    def _value(self, key: Key) -> float | None:
        if key in self.cases:
            return self.cases[key].valeur
        return self.free.get(key)

    def _lines(self, sums: list[CellSum]) -> list[tuple[CellSum, dict[Key, float]]]:
        """Each sum over cells that have a value; what is not printed gets the one it must have."""
        left = sums
        while True:
            waiting = []
            for one in left:
                missing = [k for k in (one.total, *one.parties) if self._value(k) is None]
                if len(missing) > 1:
                    waiting.append(one)
                elif missing:
                    self._solve(one, missing[0])
            if len(waiting) == len(left):
                break
            left = waiting
        lines = []
        for one in sums:
            terms = {one.total: 1.0} | dict.fromkeys(one.parties, -1.0)
            unknown = [k for k in terms if self._value(k) is None]
            if one.total in unknown:
                continue
            if unknown:
                rest: Key = (one.total[0], frozenset([("", key_name(k)) for k in unknown]))
                terms = {k: c for k, c in terms.items() if k not in unknown} | {rest: -1.0}
                self.free.setdefault(rest, sum(c * (self._value(k) or 0) for k, c in terms.items()))
            self._check(one, terms)
            lines.append((one, terms))
        return lines

    def _solve(self, one: CellSum, missing: Key) -> None:
        total = sum(self._value(k) or 0.0 for k in one.parties)
        whole = self._value(one.total)
        found = total if missing == one.total else (whole or 0.0) - total
        self.free[missing] = 0.0 if abs(found) <= self._slack([one.total, *one.parties]) else found

    def _check(self, one: CellSum, terms: Mapping[Key, float]) -> None:
        gap = sum(c * (self._value(k) or 0.0) for k, c in terms.items())
        rests = [k for k in terms if k in self.free and k != one.total]
        low = any(self.free[k] < -self._slack(terms) for k in rests)
        if (abs(gap) > self._slack(terms) or low) and self.tables.mesures[one.total[0]].bas >= 0:
            parts = sum(self._value(k) or 0.0 for k in terms if k in self.cases and k != one.total)
            raise DisclosureError(
                f"un total n'est pas la somme de ses parties : {self._value(one.total):g} au lieu "
                f"de {parts:g}",
                ou=f"{key_name(one.total)} ({one.nom})",
                attendu="des sommes justes, à l'arrondi déclaré près",
                faire="corriger ces chiffres, dire l'arrondi de leur colonne (`decimales`, "
                "`arrondi_a`), ou ôter la relation",
            )

    def _slack(self, terms: Iterable[Key]) -> float:
        """How far printed roundings may put a sum from 0."""
        return sum(self.cases[k].demi for k in terms if k in self.cases) + self._noise(terms)

    def _noise(self, terms: Iterable[Key]) -> float:
        return TOLERANCE * max((abs(self._value(k) or 0.0) for k in terms), default=0.0) + 1e-9

    # --- the tableau

    def _tableau(self, keys: list[Key], lines: list[tuple[CellSum, dict[Key, float]]]) -> Tableau:
        everywhere = [*keys, *self.free]
        number = {key: i for i, key in enumerate(everywhere)}
        v = np.array([self._value(key) or 0.0 for key in everywhere])
        gaps = [sum(c * v[number[k]] for k, c in terms.items()) for _, terms in lines]
        exact = [abs(g) <= self._noise(t) for g, (_, t) in zip(gaps, lines, strict=True)]
        rounded = [terms for (_, terms), e in zip(lines, exact, strict=True) if not e]
        between = [*rounded, *self._at_most()]
        margins = [self._slack(t) for t in rounded]
        low = np.array([*(-m for m in margins), *[0.0] * (len(between) - len(rounded))])
        high = np.array([*margins, *[np.inf] * (len(between) - len(rounded))])
        kept = [terms for (_, terms), e in zip(lines, exact, strict=True) if e]
        cells = [self._cell(key) for key in keys]
        cells += [_Cell(LIBRE)] * len(self.free)
        top = {m: np.abs(v[[k[0] == m for k in everywhere]]).max() for m in {k[0] for k in keys}}
        bounds = [self._bounds(key, v[i], top) for key, i in number.items()]
        return Tableau(
            valeurs=v,
            relations=_matrix(kept, number),
            statuts=np.array([c.statut for c in cells], dtype=np.int8),
            bas=np.array([b[0] for b in bounds]),
            haut=np.array([b[1] for b in bounds]),
            protection_basse=np.array([c.basse for c in cells]) * MARGIN,
            protection_haute=np.array([c.haute for c in cells]) * MARGIN,
            largeur=np.array([c.largeur for c in cells]) * MARGIN,
            couts=np.array([c.cout for c in cells]),
            contributeurs=np.array([c.unites for c in cells]),
            inegalites=_matrix(between, number),
            inegalites_bas=low,
            inegalites_haut=high,
        )

    def _at_most(self) -> Iterable[dict[Key, float]]:
        """Each pair of cells of which the first is no more than the second."""
        places = dict.fromkeys(key[1] for key in self.cases)
        pairs = [*self.relations.dans]
        pairs += [(p.num, p.den) for p in self.relations.parts if not p.depasse]
        for inner, outer in dict.fromkeys(pairs):
            for place in places:
                if (inner, place) in self.cases and (outer, place) in self.cases:
                    yield {(inner, place): -1.0, (outer, place): 1.0}
        for name, dimension in self.relations.dimensions.items():
            for inner, outer in dimension.dans:
                a, b = (code_of(name, code, self.relations) for code in (inner, outer))
                for mesure, place in [key for key in self.cases if a <= key[1]]:
                    other = (mesure, (place - a) | b)
                    if self.tables.mesures[mesure].type == "effectif" and other in self.cases:
                        yield {(mesure, place): -1.0, other: 1.0}

    def _bounds(self, key: Key, value: float, top: Mapping[str, float]) -> tuple[float, float]:
        mesure = self.tables.mesures.get(key[0], Mesure())
        low = mesure.bas if key in self.cases else min(mesure.bas, 0.0)
        high = mesure.maximum if mesure.maximum is not None else 2 * top.get(key[0], np.inf)
        return min(low, value), max(high, value)

    def _cell(self, key: Key) -> _Cell:
        case, rule = self.cases[key], self.rules.get(key[0])
        mesure, value = self.tables.mesures[key[0]], case.valeur or 0.0
        cost = _cost(case, rule)
        if rule is None or not _is_primary(case, rule, mesure):
            if mesure.minimum is not None and value < mesure.minimum:
                # Readers are told that what is masked is at least this: it is always shown.
                return _Cell(IMPOSEE)
            units = -1 if case.unites is None else int(case.unites)
            if key in self.opened:
                return _Cell(PRIMAIRE, largeur=max(OPEN_WIDTH, 4 * case.demi), unites=units)
            return _Cell(CANDIDATE, cout=cost, unites=units)
        below, above, width = 0.0, 0.0, 4 * case.demi
        if rule.seuil is not None and mesure.type == "effectif":
            _, over, wide = primary.protection_effectif(np.array([value]), rule.seuil)
            above, width = float(over[0]), max(width, float(wide[0]))
        if rule.ecart:
            floor = rule.ecart * self._least(key[0]) if value == 0 else 0.0
            one, other, wide = primary.protection_montant(np.array([value]), rule.ecart, floor)
            below, above = max(below, float(one[0])), max(above, float(other[0]))
            width = max(width, float(wide[0]))
        if mesure.entier:
            below, above = math.ceil(below - 1e-9), math.ceil(above - 1e-9)
            width = max(width, OPEN_WIDTH)
        units = -1 if case.unites is None else int(case.unites)
        return _Cell(PRIMAIRE, below, above, width, unites=units)

    def _least(self, mesure: str) -> float:
        """The smallest amount that is not 0: what an amount of 0 may be taken for."""
        amounts = (abs(case.valeur or 0.0) for key, case in self.cases.items() if key[0] == mesure)
        return min((amount for amount in amounts if amount > 0), default=0.0)


@dataclass(frozen=True)
class _Cell:
    statut: int
    basse: float = 0.0
    haute: float = 0.0
    largeur: float = 0.0
    cout: float = 1.0
    unites: int = -1


def _is_primary(case: Case, rule: RegleDeclaree, mesure: Mesure) -> bool:
    value = np.array([case.valeur])
    if rule.primaires is not None:
        return case.primaire
    few, most, second = rule.seuil_contributeurs, rule.dominance, rule.p_pourcent
    first, next_one = (*case.deux_premiers, 0.0, 0.0)[:2]
    return bool(
        (
            rule.seuil is not None
            and mesure.type == "effectif"
            and primary.primaire_effectif(value, rule.seuil)[0]
        )
        or (
            few
            and case.unites is not None
            and primary.primaire_effectif(np.array([case.unites]), few)[0]
        )
        or (most and primary.primaire_dominance(np.array([case.plus_grands]), value, most.part)[0])
        or (
            second
            and primary.primaire_p_pourcent(
                np.array([first]), np.array([next_one]), value, second.part
            )[0]
        )
    )


def _cost(case: Case, rule: RegleDeclaree | None) -> float:
    value = abs(case.valeur or 0.0)
    word = rule.cout if rule else "racine"
    if case.cout is not None:
        if case.cout <= 0:
            raise DisclosureError(
                f"un coût de {case.cout:g}", ou=case.ou, attendu="un coût au-dessus de 0"
            )
        return case.cout
    return {"valeur": value + 1, "racine": math.sqrt(value + 1)}.get(word, 1.0)


def _matrix(rows: list[dict[Key, float]], number: Mapping[Key, int]) -> sp.csr_matrix:
    at = [(i, number[k], c) for i, terms in enumerate(rows) for k, c in terms.items()]
    if not at:
        return sp.csr_matrix((0, len(number)))
    lines, columns, values = zip(*at, strict=True)
    return sp.csr_matrix((values, (lines, columns)), shape=(len(rows), len(number)))
