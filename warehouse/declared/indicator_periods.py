"""The periods of each indicator, and that of each of its terms at each: one choice, made once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from warehouse.declared.dictionary import CHOIX, Dictionary, Indicateur
from warehouse.domain.periods import bounds, in_words
from warehouse.domain.types_territoire import wholeness_of


@dataclass(frozen=True)
class IndicatorPeriods:
    """Three tables of rows.

    Attributes:
        periodes: an indicator at one period, what the edition chose it for (`choix`, or None), and
            where its figures come from. `periode` is empty where nothing gives the indicator.
        termes: a term of its formula at one of these periods, with the period of its own figures:
            for whole territories (`est_entier`), and for quarters and their sets, which other files
            are about.
        bases: the same of an indicator that sets two territories side by side, for its bases.
    """

    periodes: list[dict] = field(default_factory=list)
    termes: list[dict] = field(default_factory=list)
    bases: list[dict] = field(default_factory=list)


def follows(later: tuple[str, str | None], earlier: tuple[str, str | None]) -> bool:
    """Whether two (period, choice) make a pair to judge: in this order, or as the edition chose."""
    chosen = (later[1], earlier[1]) == CHOIX
    return chosen or bounds(earlier[0]) < bounds(later[0])


def indicator_periods(dictionary: Dictionary, plan: Iterable[Mapping]) -> IndicatorPeriods:
    """What an edition's plan gives of each indicator.

    An indicator is of the period of its published value or of its first term. Another term of which
    no file about these territories holds a figure of that period is of the nearest one, among those
    that its block lends (`vaut_pour_annees`).
    """
    held = _Held(plan)
    found = IndicatorPeriods()
    for code, indicateur in dictionary.indicateurs.items():
        if indicateur.rapprochement is None:
            _of_formula(code, indicateur, held, found)
    own = {(row["code_indicateur"], row["choix"]): row for row in found.periodes if row["choix"]}
    series = defaultdict(list)
    for row in found.periodes:
        series[row["code_indicateur"]].append(row)
    for code, indicateur in dictionary.indicateurs.items():
        if indicateur.rapprochement:
            _of_bases(code, indicateur.rapprochement.indicateurs, series, own, found)
    return found


class _Held:
    """The rows of a plan by mesure and period, those that were read first.

    `read_of`: of them, those about whole territories (True), and those about quarters (False).
    """

    def __init__(self, plan: Iterable[Mapping]) -> None:
        self.by_mesure: dict[str, list[Mapping]] = defaultdict(list)
        self.read: dict[str, dict[str, Mapping]] = defaultdict(dict)
        self.read_of: dict[tuple[str, bool], dict[str, Mapping]] = defaultdict(dict)
        for row in sorted(plan, key=lambda r: (r["etat"] != "lue", r["rang"])):
            if row["etat"] == "niveau_refuse":
                continue
            self.by_mesure[row["mesure"]].append(row)
            if row["etat"] == "lue":
                self.read[row["mesure"]].setdefault(row["periode"], row)
                for whole in wholeness_of(row["couvre"]):
                    self.read_of[row["mesure"], whole].setdefault(row["periode"], row)

    def chosen(self, mesures: Sequence[str], choix: str) -> Mapping | None:
        """The row that an edition's choice falls on, for an indicator of these mesures."""
        rows = [
            (row["etat"] != "lue", ordre, row["rang"], row)
            for ordre, mesure in enumerate(mesures)
            for row in self.by_mesure[mesure]
            if row["choix"] == choix
        ]
        return min(rows, key=lambda r: r[:3])[3] if rows else None

    def lent(self, mesure: str, periode: str, *, whole: bool) -> str | None:
        """The period of a mesure's figures that may stand beside one of another source."""
        read = self.read_of[mesure, whole]
        if periode in read:
            return periode
        year = _year(periode)
        near = [
            (abs(_year(p) - year), p)
            for p, row in read.items()
            if abs(_year(p) - year) <= row["vaut_pour_annees"]
        ]
        return min(near)[1] if near else None


def _of_formula(code: str, indicateur: Indicateur, held: _Held, found: IndicatorPeriods) -> None:
    published = [indicateur.publiee] if indicateur.publiee else []
    heads = [*published, *indicateur.num]
    chosen = {choix: row for choix in CHOIX if (row := held.chosen(heads, choix))}
    if "niveau" not in chosen:
        found.periodes.append(_period(code, "", "niveau", {}))
        found.termes.extend(_terms(code, indicateur, "", "niveau", held))
    rows: dict[str, tuple[str | None, Mapping]] = {
        row["periode"]: (choix, row) for choix, row in reversed(chosen.items())
    }
    for mesure in heads:
        for periode, row in held.read[mesure].items():
            if periode not in rows and _is_whole(indicateur, periode, held):
                rows[periode] = (None, row)
    for periode, (choix, row) in sorted(rows.items()):
        found.periodes.append(_period(code, periode, choix, row))
        found.termes.extend(_terms(code, indicateur, periode, choix, held))


def _is_whole(indicateur: Indicateur, periode: str, held: _Held) -> bool:
    """Whether files give the published value or the whole formula at a period."""
    if indicateur.publiee and periode in held.read[indicateur.publiee]:
        return True
    formula = [*indicateur.num, *indicateur.den]
    return any(
        all(held.lent(mesure, periode, whole=whole) for mesure in formula)
        for whole in (False, True)
    )


def _terms(
    code: str, indicateur: Indicateur, periode: str, choix: str | None, held: _Held
) -> list[dict]:
    sides = {
        "publiee": {indicateur.publiee: 1.0} if indicateur.publiee else {},
        "num": indicateur.num,
        "den": indicateur.den,
    }
    terms = [(c, m, float(k)) for c, side in sides.items() for m, k in side.items()]
    first = next(iter(indicateur.num), None)
    rows: list[dict] = []
    for whole in (False, True):
        for ordre, (cote, mesure, coefficient) in enumerate(terms):
            own: str | None = periode
            if periode and cote != "publiee" and mesure != first:
                own = held.lent(mesure, periode, whole=whole)
            if own is None and choix and cote == "den":
                row = held.chosen([mesure], choix)
                own = row["periode"] if row else periode
            own = own or periode
            rows.append(
                {
                    "code_indicateur": code,
                    "periode": periode,
                    "choix": choix,
                    "est_entier": whole,
                    "cote": cote,
                    "terme": mesure,
                    "coefficient": coefficient,
                    "ordre": ordre,
                    "periode_terme": own,
                    "reserve": None if own == periode else _said(cote, mesure, own),
                }
            )
    return rows


def _said(cote: str, mesure: str, periode: str) -> str:
    what = "dénominateur" if cote == "den" else mesure
    return f"{what} : {in_words(periode)}"


def _period(code: str, periode: str, choix: str | None, row: Mapping) -> dict:
    told = ("periode_debut", "periode_fin", "citation", "producteur", "source_id", "millesime")
    return {
        "code_indicateur": code,
        "periode": periode,
        "choix": choix,
        **{name: row.get(name) for name in (*told, "etat")},
    }


def _of_bases(
    code: str,
    bases: Sequence[str],
    series: Mapping[str, Sequence[Mapping]],
    own: Mapping[tuple[str, str], Mapping],
    found: IndicatorPeriods,
) -> None:
    """Several bases make one figure where the edition chose a period of each, and no series."""
    first = bases[0]
    for row in series[first]:
        if len(bases) > 1 and row["choix"] is None:
            continue
        found.periodes.append({**row, "code_indicateur": code})
        for ordre, base in enumerate(bases):
            other = row if base == first else own.get((base, row["choix"]))
            found.bases.append(
                {
                    "code_indicateur": code,
                    "periode": row["periode"],
                    "code_base": base,
                    "ordre": ordre,
                    "periode_base": other["periode"] if other else row["periode"],
                }
            )


def _year(periode: str) -> int:
    return bounds(periode)[1].year
