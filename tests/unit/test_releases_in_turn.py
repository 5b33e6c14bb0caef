"""Releases in turn, one withdrawn, figures revised between them: what all of them tell together.

The reader has every release that ever was, and knows what did not change from one to the next: a
cell whose value is the same in two of them is one unknown. It shares no code with the masks.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.optimize import linprog

from tests.unit.test_secrecy_edition import PUBLISHED, RULE, SEXES, cells, members, states

QUARTERS = tuple(f"QN{n}" for n in range(1, 6))
SETS = [*members("QPV@EPCI:1", *QUARTERS[:2]), *members("QPV@DEP:1", *QUARTERS)]
#: A cell: territory, mesure. A table: every one, of sets too.
Cell = tuple[str, str]
Table = dict[Cell, float]
PLACE = {"perimetre": "2024", "periode": "2021"}


@dataclass(frozen=True)
class Release:
    """Its figures, and how each is shown."""

    table: Table
    etats: Mapping[Cell, str]
    retiree: bool = False

    @property
    def primaires(self) -> list[Cell]:
        return [cell for cell, v in self.table.items() if 0 < v < RULE["seuil"]]

    def shows(self, cell: Cell) -> bool:
        return self.etats[cell] == PUBLISHED


def _table(quarters: Mapping[str, tuple[int, int]]) -> Table:
    """Women and men of each quarter, all, and the sets."""
    found: Table = {}
    for code, (women, men) in quarters.items():
        found |= {(code, "femmes"): women, (code, "hommes"): men, (code, "tous"): women + men}
    for name in dict.fromkeys(row["code_ensemble"] for row in SETS):
        inside = [row["code_qpv"] for row in SETS if row["code_ensemble"] == name]
        for mesure in ("femmes", "hommes", "tous"):
            found[name, mesure] = sum(found[q, mesure] for q in inside)
    return found


def _ledger(before: Sequence[Release]) -> list[dict]:
    """What the releases before told, as the ledger has it."""
    rows = []
    for release in before:
        for (code, mesure), value in release.table.items():
            shown = release.shows((code, mesure))
            etat = ("retire" if release.retiree else "diffuse") if shown else "secret"
            rows.append(
                {"code_territoire": code, "mesure": mesure, **PLACE}
                | {"etat": etat, "valeur": value if shown else None}
            )
    strongest = {"diffuse": 0, "retire": 1, "secret": 2}
    return sorted(rows, key=lambda row: strongest[row["etat"]])


def _release(quarters: Mapping[str, tuple[int, int]], before: Sequence[Release]) -> Release:
    rows = cells({q: dict(zip(("femmes", "hommes", "tous"), (*v, sum(v)), strict=True))
                  for q, v in quarters.items()})  # fmt: skip
    found = states(rows, SEXES, ensembles=SETS, publications=_ledger(before))
    return Release(_table(quarters), found)


def _too_well_known(releases: Sequence[Release]) -> list[tuple[int, Cell, float, float]]:
    """Primaries that nothing ever printed, and that all releases together bound under 5."""
    #: An unknown, or a figure, by cell and value: what did not change is one.
    printed = {
        (cell, value)
        for release in releases
        for cell, value in release.table.items()
        if release.shows(cell) or value == 0
    }
    unknown = {
        name: at
        for at, name in enumerate(
            sorted({item for r in releases for item in r.table.items()} - printed)
        )
    }
    rows: list[np.ndarray] = []
    right: list[float] = []
    for release in releases:
        for total, parts in _sums():
            row, known = np.zeros(len(unknown)), 0.0
            for cell, sign in ((total, 1.0), *((part, -1.0) for part in parts)):
                name = (cell, release.table[cell])
                if name in unknown:
                    row[unknown[name]] += sign
                else:
                    known += sign * name[1]
            if row.any():
                rows.append(row)
                right.append(-known)
    found = []
    for number, release in enumerate(releases):
        for cell in release.primaires:
            name = (cell, release.table[cell])
            if name in printed:
                continue
            cost = np.zeros(len(unknown))
            cost[unknown[name]] = 1.0
            ends = [
                sign * linprog(sign * cost, A_eq=rows, b_eq=right, bounds=(1, 10_000)).fun
                for sign in (1.0, -1.0)
            ]
            if ends[1] < RULE["seuil"] - 1e-6 or ends[1] - ends[0] < 1 - 1e-6:
                found.append((number, cell, *ends))
    return found


def _sums() -> list[tuple[Cell, list[Cell]]]:
    names = dict.fromkeys(row["code_ensemble"] for row in SETS)
    found = [((t, "tous"), [(t, "femmes"), (t, "hommes")]) for t in (*QUARTERS, *names)]
    for name in names:
        inside = [row["code_qpv"] for row in SETS if row["code_ensemble"] == name]
        found += [((name, m), [(q, m) for q in inside]) for m in ("femmes", "hommes", "tous")]
    return found


def _revised(
    draw: random.Random, quarters: Mapping[str, tuple[int, int]], among: Collection[str]
) -> dict[str, tuple[int, int]]:
    """The same with one or two people more or less in one or two quarters."""
    found = dict(quarters)
    for code in draw.sample(sorted(among), draw.randint(1, 2)):
        women, men = found[code]
        found[code] = (max(1, women + draw.choice((-2, -1, 1, 2, 3))), men)
    return found


def _drawn(draw: random.Random) -> dict[str, tuple[int, int]]:
    """Five quarters, one or two of them with few women."""
    small = draw.sample(QUARTERS, draw.randint(1, 2))
    return {
        q: (draw.randint(1, 4) if q in small else draw.randint(20, 60), draw.randint(20, 60))
        for q in QUARTERS
    }


def test_a_revision_unmasks_nothing_of_the_past() -> None:
    """Three women become six: with the men, who did not change, the old total gives the three."""
    quarters = dict.fromkeys(QUARTERS, (30, 40)) | {"QN1": (3, 57)}
    first = _release(quarters, [])
    second = _release(quarters | {"QN1": (6, 57)}, [first])
    assert not first.shows(("QN1", "femmes"))
    assert _too_well_known([first, second]) == []
    forgetful = _release(quarters | {"QN1": (6, 57)}, [])
    assert _too_well_known([first, forgetful])


def test_a_figure_that_was_printed_and_revised_is_not_taken_as_known() -> None:
    """The withdrawn release printed 40 women where there are 3: it hides nothing of the 3."""
    wrong = dict.fromkeys(QUARTERS, (40, 40))
    told = Release(_table(wrong), dict.fromkeys(_table(wrong), PUBLISHED), retiree=True)
    now = _release(wrong | {"QN1": (3, 40)}, [told])
    assert now.etats["QN1", "femmes"] == "primaire"
    assert _too_well_known([told, now]) == []


@pytest.mark.parametrize("seed", range(12))
def test_two_and_three_releases_one_withdrawn_one_revised_tell_nothing(seed: int) -> None:
    draw = random.Random(seed)
    quarters = _drawn(draw)
    first = _release(quarters, [])
    quarters = _revised(draw, quarters, QUARTERS)
    second = _release(quarters, [first])
    assert "non_protegee" not in second.etats.values()
    assert _too_well_known([first, second]) == []
    gone = Release(first.table, first.etats, retiree=True)
    third = _release(_revised(draw, quarters, QUARTERS), [gone, second])
    assert "non_protegee" not in third.etats.values()
    assert _too_well_known([gone, second, third]) == []
