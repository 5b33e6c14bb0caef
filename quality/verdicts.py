"""The verdict on every evolution of an edition, from its dictionary and its suppliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from quality.period_judgement import Couple, Interdit, Jugement, interdits, judge, sans_passe
from warehouse.declared.comparability import Fourniture, Rupture
from warehouse.declared.dictionary import Dictionary, Edition, Indicateur
from warehouse.declared.indicator_periods import IndicatorPeriods, follows
from warehouse.domain.perimetres import relations_of, starts_anew
from warehouse.domain.types_territoire import published_types, wholes

#: A mesure at one period.
Dated = tuple[str, str]


class _Suppliers:
    """The edition's suppliers, by mesure and period."""

    def __init__(self, supplies: Iterable[Fourniture]) -> None:
        self._found: dict[tuple[str, str], list[Fourniture]] = defaultdict(list)
        self._by_mesure: dict[str, list[Fourniture]] = defaultdict(list)
        for one in supplies:
            self._found[one.mesure, one.periode].append(one)
            self._by_mesure[one.mesure].append(one)

    def couples(self, levels: Iterable[Dated], bases: Iterable[Dated]) -> Iterator[Couple]:
        """Every supplier of these levels with every supplier of these bases."""
        for level, base in product(levels, bases):
            yield from (Couple(n, b) for n in self._found[level] for b in self._found[base])

    def of(self, mesure: str) -> list[Fourniture]:
        """The suppliers of a mesure, those of the period put forward first."""
        return sorted(self._by_mesure[mesure], key=lambda one: one.choix != "niveau")


class _Terms:
    """The dated terms of each indicator at each of its periods, its bases' where it has some."""

    def __init__(self, dated: IndicatorPeriods) -> None:
        self.periods: dict[str, list[tuple[str, str | None]]] = defaultdict(list)
        for row in dated.periodes:
            self.periods[row["code_indicateur"]].append((row["periode"], row["choix"]))
        self._sides: dict[tuple[str, str, bool], list[dict[str, list[Dated]]]] = {}
        for row in dated.termes:
            place = row["code_indicateur"], row["periode"], row["est_entier"]
            [sides] = self._sides.setdefault(place, [defaultdict(list)])
            sides[row["cote"]].append((row["terme"], row["periode_terme"]))
        bases: dict[tuple[str, str, bool], list[dict[str, list[Dated]]]] = defaultdict(list)
        for row, whole in product(dated.bases, (False, True)):
            own = self._sides.get((row["code_base"], row["periode_base"], whole), [])
            bases[row["code_indicateur"], row["periode"], whole] += own
        self._sides |= bases

    def spans(self, code: str) -> Iterator[tuple[str, str]]:
        """(later, earlier) of every two of its periods, and the pair that the edition compares."""
        found = [(p, choix) for p, choix in self.periods[code] if p]
        for later, earlier in product(found, found):
            if follows(later, earlier):
                yield later[0], earlier[0]

    def couples(
        self, code: str, span: tuple[str, str], suppliers: _Suppliers, *, whole: bool
    ) -> list[Couple]:
        """Each term with itself; a published value may stand for the formula at one end."""
        found: list[Couple] = []
        later, earlier = (self._sides.get((code, p, whole), []) for p in span)
        for after, before in zip(later, earlier, strict=False):
            for cote in ("publiee", "num", "den"):
                for level, base in zip(after[cote], before[cote], strict=False):
                    # A denominator lent to both periods is the same one: nothing to judge.
                    if cote != "den" or level != base:
                        found += suppliers.couples([level], [base])
            if after["publiee"]:
                found += suppliers.couples(after["publiee"], before["num"])
                found += suppliers.couples(after["num"], before["publiee"])
        return _distinct(found)


def verdicts(
    dictionary: Dictionary,
    edition: Edition,
    supplies: Sequence[Fourniture],
    dated: IndicatorPeriods,
) -> list[dict]:
    """One row per indicator × type of territory × relation × pair of its periods.

    `relation` is the last letter of a QPV 2024, empty elsewhere. A row without a pair says why a
    figure of the perimeter in force has no past; `verdict` is then empty where no rule forbids.
    What has no row is not compared.
    """
    found = []
    suppliers, terms, judged = _Suppliers(supplies), _Terms(dated), _Judged()
    for code, indicateur in dictionary.indicateurs.items():
        bases = _bases(indicateur, dictionary)
        breaks = [r for i in {id(i): i for i in [indicateur, *bases]}.values() for r in i.ruptures]
        reference = indicateur.rapprochement.a if indicateur.rapprochement else None
        spans = {
            whole: {s: terms.couples(code, s, suppliers, whole=whole) for s in terms.spans(code)}
            for whole in (False, True)
        }
        for kind in published_types():
            for relation in _relations(kind, edition):
                common = {
                    "code_indicateur": code,
                    "type_territoire": kind,
                    "relation": relation,
                }
                for span, couples in spans[kind in wholes()].items():
                    if reference:  # its own figures count too, whole beside those of a quarter
                        couples = _distinct([*couples, *spans[reference in wholes()][span]])
                    said = judged.worst(couples, (kind, reference), relation, breaks)
                    found.append(common | _row(said, *span))
                if starts_anew(edition.perimetre) and kind not in wholes():
                    found.append(common | _row(sans_passe(relation), None, None))
    return found


def blocs_refuses(supplies: Sequence[Fourniture]) -> list[tuple[str, Jugement]]:
    """The blocks whose comparison the rules forbid whole, for QPV, with the reason."""
    by_bloc: dict[str, list[Fourniture]] = defaultdict(list)
    for one in supplies:
        by_bloc[one.bloc].append(one)
    found = []
    for bloc, held in by_bloc.items():
        judged = [
            judge([Couple(n, b)], "qpv", relation="I")
            for n in held
            for b in held
            if (n.choix, b.choix) == ("niveau", "comparaison") and n.mesure == b.mesure
        ]
        if judged and all(j.verdict == "non_comparable" for j in judged):
            found.append((bloc, judged[0]))
    return found


def limites(dictionary: Dictionary, supplies: Sequence[Fourniture]) -> list[dict]:
    """One row per indicator × rule that its own periods do not show: what it may not be set beside.

    `portee`: the types of territory it holds for, empty for all.
    """
    suppliers = _Suppliers(supplies)
    found = []
    for code, indicateur in dictionary.indicateurs.items():
        known: dict[Interdit, None] = {}
        for base in _bases(indicateur, dictionary):
            for mesure in [*_heads(base), *base.den]:
                known |= dict.fromkeys(interdits(suppliers.of(mesure), base.ruptures))
        known |= dict.fromkeys(interdits([], indicateur.ruptures))
        found += [{"code_indicateur": code, **one._asdict()} for one in known]
    return found


def mesures_by_indicator(dictionary: Dictionary) -> dict[str, list[str]]:
    """Indicator → the mesures of its formula, or of those of the indicators that it confronts."""
    return {
        code: [m for base in _bases(one, dictionary) for m in [*_heads(base), *base.den]]
        for code, one in dictionary.indicateurs.items()
    }


def _bases(indicateur: Indicateur, dictionary: Dictionary) -> list[Indicateur]:
    """The indicators whose formulas give this one."""
    if indicateur.rapprochement is None:
        return [indicateur]
    return [dictionary.indicateurs[b] for b in indicateur.rapprochement.indicateurs]


def _heads(indicateur: Indicateur) -> list[str]:
    """The mesures whose period is the indicator's."""
    return [*([indicateur.publiee] if indicateur.publiee else []), *indicateur.num]


def _relations(kind: str, edition: Edition) -> tuple[str, ...]:
    return relations_of(edition.perimetre) if kind == "qpv" else ("",)


class _Judged:
    """Verdicts already given: most indicators of a block share theirs."""

    def __init__(self) -> None:
        self._known: dict[tuple, Jugement] = {}

    def worst(
        self,
        couples: Sequence[Couple],
        kinds: tuple[str | None, ...],
        relation: str,
        breaks: Sequence[Rupture],
    ) -> Jugement:
        """The verdict for the territory, and for the one that it is set beside."""
        key = (tuple(map(_signature, couples)), kinds, relation, tuple(map(id, breaks)))
        if key not in self._known:
            judged = [
                judge(couples, kind, relation=relation, ruptures=breaks)
                for kind in dict.fromkeys(kinds)
                if kind
            ]
            self._known[key] = max(judged, key=lambda j: _ORDER.index(j.verdict))
        return self._known[key]


_ORDER = ("comparable", "comparable_avec_reserve", "non_comparable")


def _signature(couple: Couple) -> tuple:
    """All that a rule may read of a couple, but for its mesures' names."""
    own = [
        id(r)
        for side in (couple.niveau, couple.base)
        for r in (side.regles.ruptures if side.regles else ())
        if not r.mesures or couple.mesures.intersection(r.mesures)
    ]
    sides = (
        (s.bloc, s.periode, s.millesime, s.perimetre, s.contour, s.sujet is None)
        for s in (couple.niveau, couple.base)
    )
    return (*sides, *own)


def _distinct(couples: Iterable[Couple]) -> list[Couple]:
    return list({_signature(couple): couple for couple in couples}.values())


def _row(judged: Jugement, periode: str | None, comparaison: str | None) -> dict:
    return {
        "periode": periode,
        "periode_comparaison": comparaison,
        "verdict": judged.verdict,
        "motif": judged.motif,
        "regle": judged.regle,
        "document": judged.document,
    }
