"""The verdict: of each masked cell, what a reader can prove, against what he must not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from .direct_disclosure import Given, settle
from .insider_exposure import exposed_to_insiders
from .intervals import (
    TOLERANCE,
    Attack,
    Component,
    Impossible,
    Rows,
    batches,
    components,
)
from .recovery import Exact, recover
from .system import Protection, System

#: Components of counts this small are also solved in integers, narrowest intervals first.
SMALL = 40
#: Pairs of solutions sought at most to clear many cells at once, and the share of those left that
#: a pair must clear for another to be sought.
TURNS, WORTH = 40, 0.05
#: Number of such cells in one audit (about 10 ms each).
INTEGER_CHECKS = 200


@dataclass(frozen=True)
class Constat:
    """What a reader knows of one masked cell.

    `bas`, `haut`: the interval; with `au_moins`, one inside it, enough for the verdict.
    `moyen`: how it is exposed: `relations` (exact, by sums), `intervalle`, `entiers`, `initie`,
    `imprime` (printed against its rule), `contradiction` (by one of two printed figures that cannot
    both be), `non_jugee` (no value fits its figures); empty if it is not. `relations`: the names of
    those that prove it. `initie`: the cell whose only contributor recovers this one exactly.
    """

    nom: str
    bas: float
    haut: float
    exige: str
    moyen: str = ""
    relations: tuple[str, ...] = ()
    initie: str = ""
    au_moins: bool = False
    #: Open data already give it, whatever this publication adds: told, not blocking.
    information: bool = False
    #: Its number in the system that was attacked.
    cellule: int = -1
    #: Whether a relation touches it; else its public bounds are all that was looked at.
    liee: bool = True

    @property
    def tenu(self) -> bool:
        return not self.moyen


@dataclass
class Audit:
    """Every masked cell with its verdict, and what could not be used against them."""

    constats: list[Constat]
    #: Relations that the printed figures contradict: not taken to the letter.
    contradictions: list[str] = field(default_factory=list)
    inconnues: int = 0
    relations: int = 0
    composantes: int = 0
    verifiees_en_entiers: int = 0

    @property
    def cases(self) -> int:
        return len(self.constats)

    @property
    def exposes(self) -> list[Constat]:
        return [c for c in self.constats if not c.tenu and not c.information]

    @property
    def informations(self) -> list[Constat]:
        return [c for c in self.constats if not c.tenu and c.information]

    @property
    def refuse(self) -> bool:
        return bool(self.exposes)


def audit(system: System, *, complet: bool = True) -> Audit:
    """Attack a system.

    Args:
        complet: the interval of every masked cell; else only of those exposed, the others being
            cleared as soon as solutions in hand prove that they are kept.
    """
    if not system.protections:
        return Audit(_uncovered(system), list(system.fausses))
    asked, given = system, settle(system)
    system = given.system
    exact = _with_given(recover(system.relations), given)
    found = components(system, system.protections)
    rows = Rows.of(system)
    contradictions = list(system.fausses)
    verdicts: dict[int, Constat] = {}
    to_check: list[tuple[float, int, Component]] = []
    cleared = {} if complet else _cleared(system, found, rows, exact)
    for component in found:
        if not len(component.rows):
            [cell] = component.cells.tolist()
            verdicts[cell] = _untied(system, cell, liee=cell in given.par)
            if cell in given.par and not verdicts[cell].tenu:
                name = asked.noms_relations[given.par[cell]]
                verdicts[cell] = replace(verdicts[cell], moyen="relations", relations=(name,))
            continue
        wanted = [c for c in component.cells.tolist() if c in system.protections]
        counted = len(component.cells) <= SMALL and bool(system.integer[component.cells].any())
        try:
            if all(cell in cleared for cell in wanted):
                verdicts |= {cell: cleared[cell] for cell in wanted}
            else:
                attack = Attack(system, component, rows, horizon=not complet)
                if not complet:
                    _widen(system, attack, wanted)
                for cell in wanted:
                    verdicts[cell] = _judge(system, attack, exact, cell, complet)
                contradictions += attack.contradictions
                if len(attack.ecartees):
                    verdicts |= _by_the_other_side(system, attack, verdicts, wanted)
        except Impossible as error:
            contradictions.append(f"aucune valeur n'est possible pour {error}")
            verdicts |= _unjudged(system, wanted)
            continue
        for constat in (verdicts[cell] for cell in wanted if counted):
            if constat.tenu:
                to_check.append((constat.haut - constat.bas, constat.cellule, component))
    # Components come smallest first and the sort is stable: same order from one run to the next.
    to_check.sort(key=lambda one: one[0])
    to_check = [one for one in to_check if math.isfinite(one[0])][:INTEGER_CHECKS]
    for _, cell, component in to_check:
        attack = Attack(system, component, rows, horizon=not complet)
        verdicts[cell] = _in_integers(system, attack, cell, verdicts[cell])
    for insider in exposed_to_insiders(asked, exact):
        if insider.cellule in verdicts:
            told = verdicts[insider.cellule]
            verdicts[insider.cellule] = replace(
                told, moyen=told.moyen or "initie", initie=system.noms[insider.initie]
            )
    return Audit(
        constats=[
            *_uncovered(system),
            *(verdicts[cell] for cell in system.protections if cell in verdicts),
        ],
        contradictions=contradictions,
        inconnues=len(asked.noms),
        relations=asked.relations.shape[0] + asked.ranges.shape[0],
        composantes=len(found),
        verifiees_en_entiers=len(to_check),
    )


def _with_given(exact: Exact, given: Given) -> Exact:
    """Cells given are recovered too: they are in no row any more."""
    cells = np.array([*given.par], dtype=np.int64)
    recovered, together = exact.recovered.copy(), exact.together.copy()
    recovered[cells], together[cells] = True, -1
    return Exact(recovered, together)


def _uncovered(system: System) -> list[Constat]:
    """Cells printed against their rule."""
    return [
        Constat(nom, -math.inf, math.inf, "être masquée", "imprime") for nom in system.decouvertes
    ]


def _unjudged(system: System, cells: list[int]) -> dict[int, Constat]:
    """Cells whose figures contradict each other beyond repair: not cleared, so not kept."""
    return {
        cell: Constat(
            system.noms[cell],
            -math.inf,
            math.inf,
            system.protections[cell].texte,
            "non_jugee",
            cellule=cell,
        )
        for cell in cells
    }


def broken(protection: Protection, low: float, high: float, integer: bool, eps: float) -> bool:
    """Does this interval prove what must not be proved?"""
    if integer:
        low, high = _inward(low, high, eps)
        if protection.ou_vide and low <= 0 < high:
            return False
        if high <= low:
            return not (protection.zero_permis and high <= 0)
    if protection.zero_permis and high <= eps:
        return False
    return (
        high - low <= protection.pas + eps
        or high < protection.plafond_min - eps
        or low > protection.plancher_max + eps
        or (protection.ecart > 0 and high * (1 - protection.ecart) <= low * (1 + protection.ecart))
    )


def _harmless(protection: Protection, low: float, high: float, eps: float) -> bool:
    """Is all that this interval leaves possible no secret? Asked of a whole interval only."""
    return protection.admis[0] - eps <= low and high <= protection.admis[1] + eps


def _inward(low: float, high: float, eps: float) -> tuple[float, float]:
    """The integers inside an interval."""
    return (
        float(math.ceil(low - eps)) if math.isfinite(low) else low,
        float(math.floor(high + eps)) if math.isfinite(high) else high,
    )


def _untied(system: System, cell: int, *, liee: bool) -> Constat:
    """A cell that no relation touches any more: its bounds are all that is known."""
    low, high = float(system.lower[cell]), float(system.upper[cell])
    protection = system.protections[cell]
    exposed = broken(protection, low, high, bool(system.integer[cell]), TOLERANCE)
    exposed &= not _harmless(protection, low, high, TOLERANCE)
    moyen = "intervalle" if exposed else ""
    return Constat(system.noms[cell], low, high, protection.texte, moyen, cellule=cell, liee=liee)


def _widen(system: System, attack: Attack, cells: list[int]) -> None:
    """Few solutions that clear many cells, as long as a pair of them clears enough of them."""
    attack.centre()
    left = _unseen(system, attack, cells)
    for turn in range(TURNS):
        if len(left) < 2:
            return
        attack.widen(left, turn)
        still = _unseen(system, attack, left)
        if turn and len(left) - len(still) < max(2, WORTH * len(left)):
            return
        left = still


def _unseen(system: System, attack: Attack, cells: list[int]) -> list[int]:
    """The cells that no solution in hand clears."""
    return [cell for cell in cells if _seen(system, attack, cell) is None]


def _cleared(
    system: System, found: list[Component], rows: Rows, exact: Exact
) -> dict[int, Constat]:
    """Cells of small components that a few solutions of many of them together clear."""
    verdicts: dict[int, Constat] = {}
    for batch in batches(found, rows):
        try:
            attack = Attack(system, batch, rows, horizon=True)
        except Impossible:
            continue
        if len(attack.ecartees):
            continue
        wanted = [c for c in batch.cells.tolist() if c in system.protections]
        _widen(system, attack, wanted)
        for cell in wanted:
            constat = _seen(system, attack, cell)
            if constat and not exact.recovered[cell]:
                verdicts[cell] = constat
    return verdicts


def _seen(system: System, attack: Attack, cell: int) -> Constat | None:
    """The verdict that the solutions in hand allow: kept, or none yet."""
    protection = system.protections[cell]
    integer, eps = bool(system.integer[cell]), attack.tolerance
    low, high = attack.seen(cell)
    # A zero clears when nothing else is possible: no solution in hand says so.
    if protection.zero_permis and (_inward(low, high, eps)[1] if integer else high) <= eps:
        return None
    if broken(protection, low, high, integer, eps):
        return None
    return Constat(system.noms[cell], low, high, protection.texte, au_moins=True, cellule=cell)


def _judge(system: System, attack: Attack, exact: Exact, cell: int, complet: bool) -> Constat:
    protection = system.protections[cell]
    integer, eps = bool(system.integer[cell]), attack.tolerance
    recovered = bool(exact.recovered[cell])
    if not complet and not recovered:
        if kept := _seen(system, attack, cell):
            return kept
        # A threshold is asked of the highest value: it alone clears most of what is kept.
        attack.highest(cell)
        if kept := _seen(system, attack, cell):
            return kept
    if recovered and protection.zero_permis and not (complet or len(attack.ecartees)):
        # One value alone is possible, and any solution has it.
        value = attack.seen(cell)[0]
        if not broken(protection, value, value, integer, eps):
            return Constat(system.noms[cell], value, value, protection.texte, cellule=cell)
    low, high = attack.interval(cell)
    if integer:
        low, high = _inward(low, high, eps)
    constat = Constat(system.noms[cell], low, high, protection.texte, cellule=cell)
    given = recovered and not protection.zero_permis
    exposed = given or broken(protection, low, high, integer, eps)
    if not exposed or _harmless(protection, low, high, eps):
        return constat
    moyen = "relations" if recovered else "intervalle"
    return replace(constat, moyen=moyen, relations=attack.proof(cell))


def _by_the_other_side(
    system: System, attack: Attack, verdicts: Mapping[int, Constat], cells: Sequence[int]
) -> dict[int, Constat]:
    """Cells that are kept, and exposed to a reader who believes the rows that were widened."""
    believed = attack.component.rows[attack.ecartees].tolist()
    try:
        other = replace(attack, crues=believed)
        ends = {cell: other.interval(cell) for cell in cells if verdicts[cell].tenu}
    except Impossible:
        return {}
    found = {}
    for cell, (low, high) in ends.items():
        protection, counted = system.protections[cell], bool(system.integer[cell])
        exposed = broken(protection, low, high, counted, other.tolerance)
        if exposed and not _harmless(protection, low, high, other.tolerance):
            found[cell] = replace(
                verdicts[cell],
                bas=low,
                haut=high,
                au_moins=False,
                moyen="contradiction",
                relations=tuple(attack.contradictions),
            )
    return found


def _in_integers(system: System, attack: Attack, cell: int, constat: Constat) -> Constat:
    """The same cell once every count must be an integer."""
    try:
        low, high = attack.integers(cell)
    except Impossible:
        return constat
    counted = bool(system.integer[cell])
    protection = system.protections[cell]
    exposed = broken(protection, low, high, counted, attack.tolerance)
    if not exposed or _harmless(protection, low, high, attack.tolerance):
        return constat
    return replace(constat, bas=low, haut=high, moyen="entiers", relations=attack.proof(cell))
