"""Tables from elsewhere and the relations declared of them, as the attacker's system."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import pairwise
from pathlib import Path

from quality.audit.declared import Evolution, Mesure, Part, Regle, ReglesTables, Relations, Tableau
from quality.audit.reading import Case, Key, Tables, code_of, read
from quality.audit.system import Protection, System, SystemBuilder
from quality.printed_tables import csv_rows
from warehouse.errors import QpvError
from warehouse.strict import load_yaml

Place = frozenset[tuple[str, str]]


def system_of_tables(
    paths: Sequence[Path], relations: Path, regles: Path | None = None
) -> tuple[System, Tables]:
    """The system that a reader of these tables has in hand.

    Raises:
        QpvError: what cannot be read, or a relation over what does not exist.
    """
    declared = load_yaml(relations, Relations)
    rules = load_yaml(regles, ReglesTables).regles if regles else {}
    tables = read(paths, declared, rules)
    unknown = sorted(set(rules) - set(tables.mesures))
    if unknown:
        raise QpvError(f"règle pour une mesure inconnue : {unknown[0]}", ou=str(regles))
    build = _Build(declared, rules, tables, relations.parent)
    return build.system(), tables


def protection_of(mesure: Mesure, regle: Regle | None, case: Case) -> Protection | None:
    """What must not be provable of a masked cell; nothing to ask of one masked for others."""
    step = 2 * mesure.demi if not mesure.entier else 0.0
    if regle is None:
        return Protection(pas=step)
    if not case.primaire:
        return None
    share = regle.ecart or 0.0
    texts = []
    if regle.seuil is not None:
        texts.append(f"laisser possible {regle.seuil:g} ou plus")
    if share:
        texts.append(f"pas d'estimation à ±{100 * share:g} %")
    low, high = float("inf"), regle.seuil if regle.seuil is not None else float("-inf")
    if case.cachee is not None and share:
        low, high = (1 - share) * case.cachee, max(high, (1 + share) * case.cachee)
        share = 0.0
    return Protection(
        plafond_min=high,
        plancher_max=low,
        ecart=share,
        pas=step,
        texte=" ; ".join(texts) or "ne pas donner la valeur",
    )


def _nom(key: Key) -> str:
    return ", ".join([key[0], *(code for _, code in sorted(key[1]))])


class _Build:
    """The system under construction, one method per kind of knowledge."""

    def __init__(
        self, declared: Relations, rules: dict[str, Regle], tables: Tables, folder: Path
    ) -> None:
        self.declared, self.rules, self.tables, self.folder = declared, rules, tables, folder
        self.builder = SystemBuilder()
        self.places: dict[str, list[Place]] = {}
        for case in tables.cases:
            self.places.setdefault(case.key[0], []).append(case.key[1])
        #: Mesure → where relations alone speak of it.
        self.behind: dict[str, set[Place]] = {}
        self.printed: dict[Key, tuple[float, float]] = {}
        self.done: set[object] = set()

    def system(self) -> System:
        self._cells()
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
        for tableau in self.declared.tableaux:
            self._along_dimensions(tableau)
        return self.builder.build()

    def _cells(self) -> None:
        """Printed cells first: a cell masked in one table and printed in another is exposed."""
        hidden = [c for c in self.tables.cases if c.valeur is None]
        masked = {c.key for c in hidden if c.masquee}
        shown: dict[Key, Case] = {}
        for case in self.tables.cases:
            if case.valeur is not None:
                self._printed(case)
                shown.setdefault(case.key, case)
        for key, case in shown.items():
            low, high = self.printed[key]
            if key in masked:
                continue
            regle = self.rules.get(key[0])
            counted = self.tables.mesures[key[0]].type == "effectif"
            if regle and regle.seuil and counted and low > 0 and high < regle.seuil:
                self.builder.uncovered(f"{_nom(key)} ({case.ou})")
            if low == high:
                self.builder.known(key, low)
            else:
                self._unknown(key, low=low, high=high)
        for case in hidden:
            if case.key in shown and not case.masquee:
                continue
            mesure = self.tables.mesures[case.key[0]]
            regle = self.rules.get(case.key[0])
            protection = protection_of(mesure, regle, case) if case.masquee else None
            self._unknown(case.key, protection=protection, seul=case.seul)
        for case in shown.values():
            if case.key in masked:
                low, high = self.printed[case.key]
                self.builder.range({case.key: 1.0}, low, high, f"imprimé : {case.ou}")

    def _printed(self, case: Case) -> None:
        """What print says of a cell; of two figures that cannot both be, the first stands."""
        half = self.tables.mesures[case.key[0]].demi
        low, high = case.valeur - half, case.valeur + half
        before = self.printed.get(case.key, (low, high))
        both = max(low, before[0]), min(high, before[1])
        if both[0] > both[1]:
            self.builder.contradiction(f"{_nom(case.key)} : deux valeurs, dont {case.ou}")
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
            _nom(key),
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
        self.builder.range(terms, 0.0, float("inf"), f"{_nom(inner)} <= {_nom(outer)}")

    def _places(self, *mesures: str) -> list[Place]:
        """Where at least one of these mesures is in a table."""
        return list(dict.fromkeys(p for m in mesures for p in self.places.get(m, ())))

    def _of(self, place: Place) -> str:
        return ", ".join(code for _, code in sorted(place)) or "ensemble"

    # --- along the columns of the key

    def _along_dimensions(self, tableau: Tableau) -> None:
        codes = self.tables.codes[tableau.fichier]
        mesures = [m.nom or c for c, m in tableau.mesures.items()]
        places = {p for m in mesures for p in self.places[m]}
        # Counts behind the rates of this table add up as its own do.
        mesures += [m for m, where in self.behind.items() if m not in mesures and where & places]
        for dimension in tableau.dimensions:
            sums = list(self._sums(dimension, codes[dimension]))
            within = self.declared.dimensions.get(dimension)
            pairs = within.dans if within else []
            rests = {frozenset(x for x in p if x[0] != dimension) for p in places}
            rests = sorted((r for r in rests if self._in_table(r, tableau)), key=sorted)
            for mesure in mesures:
                kind = self.tables.mesures.get(mesure, Mesure())
                if not kind.additive:
                    continue
                for rest in rests:
                    for total, parts in sums:
                        self._sum(mesure, dimension, rest, total, parts, tableau)
                    if kind.type == "effectif":
                        for inner, outer in pairs:
                            self._pair(mesure, dimension, rest, inner, outer)

    def _in_table(self, rest: Place, tableau: Tableau) -> bool:
        codes = self.tables.codes[tableau.fichier]
        return all(d in codes and code in codes[d] for d, code in rest)

    def _sums(self, dimension: str, codes: list[str]) -> Iterator[tuple[str, list[str]]]:
        declared = self.declared.dimensions.get(dimension)
        if declared is None:
            return
        for somme in declared.sommes:
            parts = [c for c in codes if any(fnmatchcase(c, p) for p in somme.parties)]
            yield somme.total, [c for c in parts if c != somme.total]
        if declared.hierarchie:
            yield from self._hierarchy(dimension, declared.hierarchie, declared.total)

    def _hierarchy(
        self, dimension: str, name: str, total: str | None
    ) -> Iterator[tuple[str, list[str]]]:
        """A code that stands at two levels is its own and only child: no relation there."""
        _, rows = csv_rows(self.folder / name, None)
        children: dict[str, dict[str, None]] = {}
        for _, row in rows:
            codes = [code.strip() for code in row.values()]
            line = [total, *codes] if total else codes
            for parent, child in pairwise(line):
                if parent != child:
                    children.setdefault(parent, {})[child] = None
        yield from ((parent, list(found)) for parent, found in children.items())

    def _sum(
        self,
        mesure: str,
        dimension: str,
        rest: Place,
        total: str,
        parts: list[str],
        tableau: Tableau,
    ) -> None:
        def key(code: str) -> Key:
            return mesure, rest | code_of(dimension, code, self.declared)

        mark = ("somme", dimension, key(total))
        if mark in self.done or key(total) not in self.builder or not parts:
            return
        self.done.add(mark)
        if tableau.absentes == "zero":
            parts = [p for p in parts if key(p) in self.builder]
        terms = {key(total): 1.0} | {key(p): -1.0 for p in parts}
        self._relation(terms, f"{_nom(key(total))} = somme de {len(parts)} ({dimension})")

    def _pair(self, mesure: str, dimension: str, rest: Place, inner: str, outer: str) -> None:
        a, b = ((mesure, rest | code_of(dimension, c, self.declared)) for c in (inner, outer))
        if a in self.builder and b in self.builder and ("dans", a, b) not in self.done:
            self.done.add(("dans", a, b))
            self._at_most(a, b)

    # --- between columns

    def _ratio(self, key: Key, num: Key, den: Key, facteur: float) -> None:
        """key = facteur × num / den, as ranges where key is printed, exact where den is."""
        num, den = self._cell(num), self._cell(den)
        if key in self.printed:
            low, high = self.printed[key]
            said = f"{_nom(key)}, imprimé entre {low:g} et {high:g}"
            self.builder.range({num: facteur, den: -low}, 0.0, float("inf"), said)
            self.builder.range({num: facteur, den: -high}, float("-inf"), 0.0, said)
        elif key in self.builder and (value := self.builder.value(den)):
            self.builder.relation({num: facteur, key: -value}, f"{_nom(key)} sur {value:g}")

    def _part(self, part: Part) -> None:
        for place in self._places(part.part, part.num):
            num, den = (part.num, place), (part.den, place)
            self._ratio((part.part, place), num, den, part.facteur)
            if not part.depasse:
                self._at_most(num, den)

    def _evolution(self, evolution: Evolution) -> None:
        now, before = evolution.actuel, evolution.avant
        for place in self._places(now, before, *filter(None, (evolution.nb, evolution.pct))):
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
            said = f"{_nom(key)}, imprimé entre {low:g} et {high:g}"
            self.builder.range({now: 100.0, before: -100.0 - low}, 0.0, float("inf"), said)
            self.builder.range({now: 100.0, before: -100.0 - high}, float("-inf"), 0.0, said)
        elif key in self.builder and (value := self.builder.value(before)):
            terms = {now: 100.0, before: -100.0, key: -value}
            self.builder.relation(terms, f"{_nom(key)} depuis {value:g}")
