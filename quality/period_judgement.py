"""May these two periods stand side by side? Pure functions: no file, no database.

Each rule has a number. All are asked, the worst verdict wins, reserves accumulate; what no rule
covers is not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from warehouse.declared.comparability import Effet, Fourniture, Rupture
from warehouse.domain.periods import bounds, in_words

Verdict = Literal["comparable", "comparable_avec_reserve", "non_comparable"]

#: rule → what it asks, in the order in which they are asked.
REGLES = {
    "C00": "un couple de périodes que rien ne couvre ne se compare pas",
    "C01": "un bloc qui ne déclare pas sa comparabilité ne se compare pas",
    "C02": "la période de comparaison précède, sans jour ni collecte en commun",
    "C03": "les deux périodes sont de même nature (année, jour, trimestre, année scolaire)",
    "C04": "l'écart est au moins celui que demande le producteur",
    "C05": "aucune rupture de définition, de méthode ou de champ ne sépare les deux périodes",
    "C06": "un EPCI se compare à contour égal, ou dit ce qui en a changé",
    "C07": "un chiffre provisoire se lit avec réserve",
    "C08": "deux périmètres de QPV sont deux populations, sauf pour un quartier inchangé",
    "C09": "un chiffre des communes d'un quartier se compare à communes égales",
}
_EPCI = ("epci",)
_INCONNUE = "aucune règle ne couvre ces deux périodes"


class ConstatDePeriode(NamedTuple):
    """What one rule finds against a couple."""

    regle: str
    effet: Effet
    motif: str
    document: str | None = None


class Interdit(NamedTuple):
    """What a figure may not be set beside, and the rule and document that say so.

    `portee`: types of territory, empty for all.
    """

    regle: str
    avec: str
    pourquoi: str
    document: str | None = None
    portee: tuple[str, ...] = ()


@dataclass(frozen=True)
class Couple:
    """One mesure at the two ends of an evolution, or two that stand for each other."""

    niveau: Fourniture
    base: Fourniture

    @property
    def mesures(self) -> set[str]:
        return {self.niveau.mesure, self.base.mesure}


@dataclass(frozen=True)
class Jugement:
    """The verdict on an evolution; `regle` and `document` are those that decided it.

    `verdict` is None where there is nothing to judge: the edition has no earlier figure.
    """

    verdict: Verdict | None
    motif: str | None = None
    regle: str | None = None
    document: str | None = None


def judge(
    couples: Sequence[Couple],
    type_territoire: str,
    *,
    relation: str = "",
    ruptures: Sequence[Rupture] = (),
) -> Jugement:
    """The verdict on an evolution made of these couples.

    Args:
        couples: every mesure of the indicator at both ends; none at all is a refusal.
        type_territoire: of the territory that evolves.
        relation: last letter of a QPV 2024 (`I` unchanged, `M` changed, `N` new), else empty.
        ruptures: those that the indicator itself declares.
    """
    if not couples:
        return Jugement("non_comparable", _INCONNUE, "C00")
    found: dict[ConstatDePeriode, None] = {}
    for couple in couples:
        for rule in _RULES:
            found |= dict.fromkeys(rule(couple, type_territoire, relation))
        found |= dict.fromkeys(_crossed(couple, type_territoire, ruptures))
    forbidding = [c for c in found if c.effet == "non_comparable"]
    told = forbidding or list(found)
    if not told:
        return Jugement("comparable")
    return Jugement(
        "non_comparable" if forbidding else "comparable_avec_reserve",
        _together(c.motif for c in told),
        ", ".join(sorted({c.regle for c in told})),
        _together(c.document for c in told if c.document) or None,
    )


def sans_passe(relation: str) -> Jugement:
    """Why a QPV 2024, or a set of them (no letter), has no past on its own perimeter."""
    if relation == "I":
        return Jugement(
            None, "quartier au périmètre inchangé, mais l'édition n'a pas de chiffre antérieur"
        )
    return Jugement("non_comparable", _redrawn(relation), "C08")


def _redrawn(relation: str) -> str:
    return {
        "N": "quartier nouveau : aucune donnée antérieure",
        "M": f"quartier au périmètre modifié : {_AUTRE_POPULATION}",
    }.get(relation, f"ensemble de quartiers redessinés : {_AUTRE_POPULATION}")


def interdits(
    supplies: Iterable[Fourniture], ruptures: Iterable[Rupture] = ()
) -> Iterator[Interdit]:
    """What the rules forbid or reserve of some figures, whatever the edition compares."""
    for side in supplies:
        asked = side.regles.ecart_minimal_annees if side.regles else None
        if asked:
            yield Interdit(
                "C04",
                f"un millésime à moins de {asked.annees} ans",
                "le producteur le demande",
                asked.document,
                tuple(asked.portee),
            )
        elif side.fenetre:
            yield Interdit(
                "C02",
                f"un millésime à moins de {2 * side.fenetre + 1} ans",
                "les deux chiffres auraient des années de collecte en commun",
            )
        for rupture in side.regles.ruptures if side.regles else []:
            if not rupture.mesures or side.mesure in rupture.mesures:
                yield _said(rupture)
        yield Interdit(
            "C06",
            "le même EPCI dans un autre contour",
            "une fusion ou une commune de plus change la population dont on parle",
            None,
            _EPCI,
        )
        if side.sujet:
            yield Interdit(
                "C09",
                "le même chiffre sur d'autres communes",
                "une fusion ou une commune de plus change la population dont on parle",
            )
    yield from map(_said, ruptures)


def _said(rupture: Rupture) -> Interdit:
    reserve = " (réserve)" if rupture.effet == "reserve" else ""
    return Interdit(
        "C05",
        f"un chiffre de l'autre côté du {rupture.jour:%d/%m/%Y}{reserve}",
        rupture.motif,
        rupture.document,
        tuple(rupture.portee),
    )


_AUTRE_POPULATION = "les chiffres du périmètre 2015 portent sur une autre population"


def _declared(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    for side in (couple.niveau, couple.base):
        if side.regles is None:
            yield ConstatDePeriode(
                "C01",
                "non_comparable",
                f"le registre ne dit pas si {side.bloc} se compare d'une période à l'autre",
            )


def _ordered(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    base = bounds(couple.base.periode, couple.base.fenetre)
    niveau = bounds(couple.niveau.periode, couple.niveau.fenetre)
    if bounds(couple.base.periode) >= bounds(couple.niveau.periode):
        reason = "la seconde période ne suit pas la première"
    elif base[1] >= niveau[0]:
        if not couple.base.fenetre and not couple.niveau.fenetre:
            reason = "les deux périodes ont des jours en commun"
        else:
            reason = (
                f"chaque chiffre est collecté sur plusieurs années ({_years(base)} et "
                f"{_years(niveau)}), dont certaines sont communes"
            )
    else:
        return
    yield ConstatDePeriode("C02", "non_comparable", f"{_span(couple)} : {reason}")


def _same_nature(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    if _shape(couple.base.periode) != _shape(couple.niveau.periode):
        yield ConstatDePeriode(
            "C03",
            "non_comparable",
            f"{_span(couple)} : ces deux périodes ne sont pas de même nature",
        )


def _far_enough(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    base, niveau = bounds(couple.base.periode), bounds(couple.niveau.periode)
    for side in (couple.niveau, couple.base):
        asked = side.regles.ecart_minimal_annees if side.regles else None
        if asked is None or (asked.portee and kind not in asked.portee):
            continue
        if any(_later(b, asked.annees) > n for b, n in zip(base, niveau, strict=True)):
            yield ConstatDePeriode(
                "C04",
                "non_comparable",
                f"{_span(couple)} : moins de {asked.annees} ans entre les deux périodes",
                asked.document,
            )


def _unbroken(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    for side in (couple.niveau, couple.base):
        if side.regles:
            concerned = [
                r
                for r in side.regles.ruptures
                if not r.mesures or couple.mesures.intersection(r.mesures)
            ]
            yield from _crossed(couple, kind, concerned)


def _crossed(couple: Couple, kind: str, ruptures: Iterable[Rupture]) -> Iterator[ConstatDePeriode]:
    """The breaks that lie after the start of the base and not after the end of the level."""
    start, end = bounds(couple.base.periode)[0], bounds(couple.niveau.periode)[1]
    for rupture in ruptures:
        if start < rupture.jour <= end and (not rupture.portee or kind in rupture.portee):
            yield ConstatDePeriode(
                "C05", rupture.effet, f"{_span(couple)} : {rupture.motif}", rupture.document
            )


def _same_outline(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    if kind not in _EPCI:
        return
    # Of two known years, compositions tell which EPCI changed (`int_contours_changes`).
    if couple.base.contour is None or couple.niveau.contour is None:
        yield ConstatDePeriode(
            "C06",
            "reserve",
            f"{_span(couple)} : le contour de l'EPCI à chaque date n'est pas connu",
        )


def _final(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    for side in (couple.niveau, couple.base):
        if side.provisoire:
            yield ConstatDePeriode(
                "C07", "reserve", f"{in_words(side.periode)} : chiffre provisoire"
            )


def _same_perimeter(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    before, after = couple.base.perimetre, couple.niveau.perimetre
    if before == after or not before or not after:
        return
    if relation != "I":
        yield ConstatDePeriode("C08", "non_comparable", _redrawn(relation))
    else:
        yield ConstatDePeriode(
            "C08",
            "reserve",
            f"quartier inchangé : le chiffre de {in_words(couple.base.periode)} est celui du "
            f"quartier {before} de même périmètre (table de passage)",
        )


def _same_subject(couple: Couple, kind: str, relation: str) -> Iterator[ConstatDePeriode]:
    """Quarter by quarter, `quality.subject_changes` judges; across perimeters no list says it."""
    sides = (couple.niveau, couple.base)
    if any(s.sujet for s in sides) and couple.niveau.perimetre != couple.base.perimetre:
        yield ConstatDePeriode(
            "C09",
            "non_comparable",
            f"{_span(couple)} : rien ne prouve que ce sont les mêmes communes aux deux dates",
        )


_Rule = Callable[[Couple, str, str], Iterator[ConstatDePeriode]]
_RULES: tuple[_Rule, ...] = (
    _declared,
    _ordered,
    _same_nature,
    _far_enough,
    _unbroken,
    _same_outline,
    _final,
    _same_perimeter,
    _same_subject,
)


def _together(texts: Iterable[str]) -> str:
    return " ; ".join(dict.fromkeys(texts))


def _span(couple: Couple) -> str:
    before, after = in_words(couple.base.periode), in_words(couple.niveau.periode)
    return f"{before} et {after}"


def _years(period: tuple[date, date]) -> str:
    return f"{period[0].year}-{period[1].year}"


def _shape(periode: str) -> str:
    return "".join("9" if c.isdigit() else c for c in periode)


def _later(day: date, years: int) -> date:
    """The same day some years later; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
