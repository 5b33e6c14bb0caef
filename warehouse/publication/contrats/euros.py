"""Euros per inhabitant of a contract: its credits by group of quarters and theme. No rendering.

An amount that several quarters share is never cut: the group has its own line, over the people of
these very quarters.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from warehouse.base.bounded_files import MO, read_bounded
from warehouse.base.numbers import Habit, NotANumber, habit_of, read_number
from warehouse.base.text_tables import header_key, read_csv
from warehouse.declared.contracts import Contrat, ContratLu, refusal
from warehouse.domain.format import propre
from warehouse.domain.statuts import statuts
from warehouse.publication.contrats.mesures import POPULATION, Mesures

#: A hand-kept csv weighs less, in bytes, and holds fewer rows.
_HEAVIEST, _ROWS = 2 * MO, 20_000
COLONNES = ("annee", "action", "orientation", "perimetre", "montant")
FACULTATIVES = ("financeur", "pluriannuelle")
TOUS = "tous"


@dataclass(frozen=True)
class Credit:
    """One line of credits: an action, a year, the quarters that it serves together."""

    annee: int
    action: str
    orientation: str
    quartiers: tuple[str, ...]
    montant: float | None


@dataclass(frozen=True)
class SommeDeCredits:
    """Euros of a group of quarters in one theme and year; `manquants`: amounts that are blank.

    `par_habitant` is None where a term is missing: `raison` says which.
    """

    annee: int
    quartiers: tuple[str, ...]
    orientation: str
    actions: int
    montant: float | None
    manquants: int
    habitants: float | None
    par_habitant: float | None
    raison: str


def read_credits(one: ContratLu) -> list[Credit]:
    """The credits that a contract declares, none without a file.

    Raises:
        QpvError: no such file, or lines that cannot be read: all of them, with what to write.
    """
    contrat = one.contrat
    if contrat.credits is None:
        return []
    path = one.path.parent / contrat.credits
    try:
        table = read_csv(read_bounded(path, _HEAVIEST), path.name, COLONNES[0])
    except OSError as error:
        raise one.refusal([("credits", f"{contrat.credits} ne se lit pas : {error.strerror}")]) \
            from error  # fmt: skip
    names = [header_key(h) for h in table.header]
    unknown = [h for h in names if h and h not in (*COLONNES, *FACULTATIVES)]
    if lacking := [c for c in COLONNES if c not in names]:
        raise refusal(path, [(1, f"colonne absente : {', '.join(lacking)}")])
    if unknown:
        said = f"colonne inconnue : {', '.join(unknown[:5])}"
        raise refusal(path, [(1, f"{said} ; un de : {', '.join((*COLONNES, *FACULTATIVES))}")])
    if len(table.rows) > _ROWS:
        raise refusal(path, [(_ROWS, f"plus de {_ROWS} lignes")])
    ranks = [names.index(c) for c in COLONNES]
    rows = [(line, [propre(cells[r]) for r in ranks]) for line, cells in table.rows]
    habit = habit_of(cells[4] for _, cells in rows)
    read: list[Credit] = []
    faults: list[tuple[int, str]] = []
    for line, cells in rows:
        try:
            read.append(_credit(contrat, cells, habit))
        except ValueError as error:
            faults.append((line, str(error)))
    if faults:
        raise refusal(path, faults)
    return read


def _credit(contrat: Contrat, cells: list[str], habit: Habit) -> Credit:
    year, action, orientation, place, amount = cells
    if not re.fullmatch(r"\d{4}", year) or not contrat.debut <= int(year) <= contrat.fin:
        raise ValueError(f"annee {year!r} : une de {contrat.debut} à {contrat.fin} est attendue")
    if orientation not in contrat.orientations:
        known = ", ".join(contrat.orientations)
        raise ValueError(f"orientation inconnue : {orientation!r} ; un de : {known}")
    if not action:
        raise ValueError("action sans nom")
    mine = {code for codes in contrat.perimetres.qpv.values() for code in codes}
    mine |= {*contrat.perimetres.locaux, *contrat.perimetres.veille_active}
    codes = contrat.quartiers if place == TOUS else [c.strip() for c in place.split("+")]
    if strange := [c for c in codes if c not in mine]:
        said = f"perimetre inconnu : {strange[0]!r}"
        raise ValueError(f"{said} ; `{TOUS}`, ou des codes du contrat séparés par +")
    if len({*codes}) < len(codes):
        raise ValueError(f"perimetre {place!r} : un quartier y est deux fois")
    return Credit(int(year), action, orientation, tuple(sorted(codes)), _amount(amount, habit))


def _amount(text: str, habit: Habit) -> float | None:
    """An amount; a blank is an amount that is not known, never 0."""
    if not text:
        return None
    try:
        value = read_number(text.removesuffix("€").strip(), habit).value
    except NotANumber as error:
        raise ValueError(f"montant {text!r} : {error.quoi}") from error
    if value < 0:
        raise ValueError(f"montant {text!r} : un montant n’est pas négatif")
    return value


def add_up(contrat: Contrat, credits: list[Credit], mesures: Mesures) -> list[SommeDeCredits]:
    """Euros by year (the newest first), group of quarters and theme."""
    groups: dict[tuple[int, tuple[str, ...], str], list[Credit]] = defaultdict(list)
    for one in credits:
        groups[one.annee, one.quartiers, one.orientation].append(one)
    themes = [*contrat.orientations]
    made = []
    for (year, quarters, theme), lines in groups.items():
        known = [one.montant for one in lines if one.montant is not None]
        blank = len(lines) - len(known)
        people, why = inhabitants(contrat, quarters, mesures)
        reason = why
        if blank:
            s = "s" if blank > 1 else ""
            reason = f"{blank} montant{s} non renseigné{s} : pas de somme"
        total = sum(known) if known else None
        ratio = total / people if total is not None and people and not blank else None
        told = "" if ratio is not None else reason
        count = len(lines)
        made.append(SommeDeCredits(year, quarters, theme, count, total, blank, people, ratio, told))
    rank = {code: at for at, code in enumerate(themes)}
    return sorted(made, key=lambda s: (-s.annee, len(s.quartiers), s.quartiers,
                                       rank[s.orientation]))  # fmt: skip


def inhabitants(
    contrat: Contrat, quarters: tuple[str, ...], mesures: Mesures
) -> tuple[float | None, str]:
    """The people of a group of quarters, all counted alike, else why they cannot be added up.

    All from the release at one period, or all from the contract's list: never some of each.
    """
    last = {}
    for code in quarters:
        points = mesures.points.get((POPULATION, code), [])
        if any(known.secret for p in points if (known := statuts().get(p.statut))):
            return None, f"habitants masqués : {code}"
        if told := [p for p in points if p.valeur is not None]:
            last[code] = told[-1]
    if len(last) == len(quarters) and len({p.periode for p in last.values()}) == 1:
        return sum(p.valeur or 0 for p in last.values()), ""
    said = contrat.perimetres.habitants
    if all(code in said for code in quarters):
        return sum(said[code].valeur for code in quarters), ""
    lacking = [c for c in quarters if c not in last and c not in said]
    if not lacking:
        return None, "habitants connus à des dates ou par des sources différentes"
    return None, f"habitants non publiés : {', '.join(lacking)}"
