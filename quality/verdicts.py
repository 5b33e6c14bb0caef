"""The verdict on every evolution of an edition, from its dictionary and its suppliers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from quality.period_judgement import Couple, Interdit, Jugement, interdits, judge, sans_passe
from warehouse.declared.comparability import Fourniture, Rupture
from warehouse.declared.dictionary import Dictionary, Edition, Indicateur
from warehouse.domain.perimetres import relations_of, starts_anew
from warehouse.domain.types_territoire import published_types, wholes


class _Suppliers:
    """The edition's suppliers, by mesure and role."""

    def __init__(self, supplies: Iterable[Fourniture]) -> None:
        self._found: dict[tuple[str, str], list[Fourniture]] = defaultdict(list)
        for one in supplies:
            self._found[one.mesure, one.role].append(one)

    def couples(self, levels: Iterable[str], bases: Iterable[str]) -> Iterator[Couple]:
        """Every supplier of these levels with every supplier of these bases."""
        for level, base in product(levels, bases):
            yield from (
                Couple(n, b)
                for n in self._found[level, "niveau"]
                for b in self._found[base, "comparaison"]
            )

    def of(self, mesure: str) -> list[Fourniture]:
        """The suppliers of a mesure, the level's first."""
        return [*self._found[mesure, "niveau"], *self._found[mesure, "comparaison"]]

    def periods(self, mesures: Iterable[str], role: str) -> list[str]:
        """The periods under which an indicator made of these mesures may appear."""
        return sorted({one.periode for m in mesures for one in self._found[m, role]})


def verdicts(
    dictionary: Dictionary, edition: Edition, supplies: Sequence[Fourniture]
) -> list[dict]:
    """One row per indicator × type of territory × relation × couple of periods that may appear.

    `relation` is the last letter of a QPV 2024, empty elsewhere. A row without a couple of
    periods says why a figure of the perimeter in force has no past; `verdict` is then empty
    where no rule forbids. What has no row is not compared.
    """
    found = []
    suppliers = _Suppliers(supplies)
    for code, indicateur in dictionary.indicateurs.items():
        bases = _bases(indicateur, dictionary)
        shown = [m for i in bases for m in _heads(i)]
        spans = list(
            product(suppliers.periods(shown, "niveau"), suppliers.periods(shown, "comparaison"))
        )
        couples = [c for i in bases for c in _couples(i, suppliers)]
        breaks = [r for i in {id(i): i for i in [indicateur, *bases]}.values() for r in i.ruptures]
        reference = indicateur.rapprochement.a if indicateur.rapprochement else None
        for kind in published_types():
            for relation in _relations(kind, edition):
                common = {
                    "code_indicateur": code,
                    "type_territoire": kind,
                    "relation": relation,
                }
                judged = _worst(couples, [kind, reference], relation, breaks)
                found += [common | _row(judged, *span) for span in spans]
                if not spans and starts_anew(edition.perimetre) and kind not in wholes():
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
            if n.role == "niveau" and b.role == "comparaison" and n.mesure == b.mesure
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


def _couples(indicateur: Indicateur, suppliers: _Suppliers) -> Iterator[Couple]:
    """Each term with itself; a published value may stand for the formula at one end."""
    for mesure in [*_heads(indicateur), *indicateur.den]:
        yield from suppliers.couples([mesure], [mesure])
    if indicateur.publiee:
        yield from suppliers.couples([indicateur.publiee], indicateur.num)
        yield from suppliers.couples(indicateur.num, [indicateur.publiee])


def _relations(kind: str, edition: Edition) -> tuple[str, ...]:
    return relations_of(edition.perimetre) if kind == "qpv" else ("",)


def _worst(
    couples: Sequence[Couple], kinds: list[str | None], relation: str, breaks: Sequence[Rupture]
) -> Jugement:
    """The verdict for the territory, and for the one that it is set beside."""
    order = ("comparable", "comparable_avec_reserve", "non_comparable")
    judged = [
        judge(couples, kind, relation=relation, ruptures=breaks)
        for kind in dict.fromkeys(kinds)
        if kind
    ]
    return max(judged, key=lambda j: order.index(j.verdict))


def _row(judged: Jugement, periode: str | None, comparaison: str | None) -> dict:
    return {
        "periode": periode,
        "periode_comparaison": comparaison,
        "verdict": judged.verdict,
        "motif": judged.motif,
        "regle": judged.regle,
        "document": judged.document,
    }
