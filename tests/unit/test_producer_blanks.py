"""Counts that their producer left blank: what is printed beside them must not give them either."""

from __future__ import annotations

import random
from collections.abc import Mapping

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from tests.unit.test_secrecy_edition import PUBLISHED, RULE, cells, share, states

SEUIL = RULE["seuil"]
MESURES = ("tous", "femmes", "hommes", *"abcd")
#: Women and men are all, and so are four others: written again, not read from the masks.
SUMS = np.array([[1, -1, -1, 0, 0, 0, 0], [1, 0, 0, -1, -1, -1, -1]], dtype=float)
BLANK = float("nan")


def _masked(table: Mapping[str, dict[str, float]]) -> dict[tuple[str, str], str]:
    """States of a table of quarters, NaN where the producer left a blank."""
    blanks = [
        _blank(code, mesure)
        for code, row in table.items()
        for mesure, value in row.items()
        if value != value
    ]
    return states(cells(table), [], blancs=blanks)


def _blank(code: str, mesure: str) -> dict[str, str]:
    place = {"code_territoire": code, "perimetre": "2024", "mesure": mesure, "periode": "2021"}
    return place | {"regle": RULE["regle"]}


def _highest(row: Mapping[str, float], found: Mapping, code: str) -> dict[str, float]:
    """Mesure that is not printed → the most that a reader of the others may think that it is."""
    shown = [
        row[m] == row[m] and found.get((code, m), PUBLISHED) == PUBLISHED and m in row
        for m in MESURES
    ]
    low = [row[m] if s else 1.0 for m, s in zip(MESURES, shown, strict=True)]
    high = [row[m] if s else np.inf for m, s in zip(MESURES, shown, strict=True)]
    most = {}
    for at, mesure in enumerate(MESURES):
        if not shown[at]:
            done = milp(
                -np.eye(len(MESURES))[at],
                integrality=np.ones(len(MESURES)),
                bounds=Bounds(low, high),
                constraints=LinearConstraint(SUMS, 0, 0),
            )
            # Status 3: nothing bounds it.
            most[mesure] = np.inf if done.status == 3 else -done.fun
    return most


def _row(a: float, b: float, c: float, d: float, femmes: float) -> dict[str, float]:
    total = a + b + c + d
    return dict(zip(MESURES, (total, femmes, total - femmes, a, b, c, d), strict=True))


def test_a_total_too_small_for_its_blank_parts_is_hidden() -> None:
    row = _row(9, 2, 1, 1, 6) | dict.fromkeys("bcd", BLANK)
    found = _masked({"QP1": row})
    assert min(_highest(row, {}, "QP1").values()) < SEUIL, "printed as it came, it gives them"
    assert min(_highest(row, found, "QP1").values()) >= SEUIL
    assert not {("QP1", m) for m in "bcd"} & found.keys(), "a blank is no cell of ours"


def test_a_total_large_enough_for_its_blank_parts_is_printed() -> None:
    row = _row(9, 40, 30, 1, 40) | dict.fromkeys("bcd", BLANK)
    assert set(_masked({"QP1": row}).values()) == {PUBLISHED}


def test_blanks_of_random_tables_keep_the_threshold() -> None:
    """Sixty quarters whose producer hid what is small and one figure more, at random."""
    draw, weak = random.Random(15), 0
    for _ in range(60):
        parts = [draw.choice((1, 2, 3, 6, 9, 14, 30)) for _ in range(4)]
        row = _row(*parts, draw.randint(1, sum(parts) - 1))
        hidden = [m for m in MESURES if row[m] < SEUIL and draw.random() < 0.8]
        hidden.append(draw.choice(MESURES[1:]))
        row |= dict.fromkeys(hidden, BLANK)
        found = _masked({"QP1": row})
        assert "non_protegee" not in found.values()
        weak += min(_highest(row, {}, "QP1").values()) < SEUIL
        assert min(_highest(row, found, "QP1").values()) >= SEUIL, row
    assert weak > 20, "tables whose producer hid too little"


def test_a_quarter_of_which_nothing_is_told_asks_for_nothing() -> None:
    silent = dict.fromkeys(MESURES, BLANK)
    found = _masked({"QP1": silent, "QP2": _row(9, 40, 30, 12, 40)})
    assert {code for code, _ in found} == {"QP2"}


@pytest.mark.parametrize("femmes", [3.0, 90.0])
def test_a_total_that_its_parts_contradict_stops_nothing(femmes: float) -> None:
    row = {"tous": 20.0, "femmes": femmes, "hommes": 30.0, **dict.fromkeys("ab", BLANK)}
    found = _masked({"QP1": row | {"c": 19.0, "d": 15.0}})
    assert found


def test_a_blank_that_open_figures_give_is_said_by_its_name() -> None:
    row = _row(9, 9, 9, 2, 9) | {"d": BLANK}
    rows = [c | {"publique": True} for c in cells({"QP1": row})]
    found = states(rows, [], blancs=[_blank("QP1", "d")])
    assert found["QP1", "d"] == "non_protegee"
    assert found["QP1", "tous"] == PUBLISHED


def test_children_per_family_are_no_part_of_the_families() -> None:
    """60 children of few families: taken for their part, they would leave the blanks no room."""
    row = {"tous": 14.0, "a": 5.0, "b": BLANK, "c": BLANK, "d": 6.0, "enfants": 60.0}
    ratio = share("enfants_par_famille", {"enfants": 1}, {"b": 1, "c": 1})
    found = states(
        cells({"QP1": row}),
        ratio,
        blancs=[_blank("QP1", m) for m in "bc"],
        indicateurs=[{"code_indicateur": "enfants_par_famille", "type": "ratio", "facteur": 1}],
    )
    assert {found["QP1", m] for m in ("tous", "a")} != {PUBLISHED}, "2 and 1 are left to b and c"


def test_what_a_blank_was_is_not_given_by_a_part_that_did_not_change() -> None:
    """64 in all, 5 and 6 were printed, 53 were left to a and b: 50 today for a, b was 3."""
    row = {"tous": 80.0, "a": 50.0, "b": BLANK, "c": BLANK, "d": 6.0}
    blanks = [_blank("QP1", m) for m in "bc"]
    assert states(cells({"QP1": row}), [], blancs=blanks)["QP1", "a"] == PUBLISHED
    printed = {"tous": 64.0, "a": None, "b": None, "c": 5.0, "d": 6.0}
    before = [
        {
            "code_territoire": "QP1", "perimetre": "2024", "mesure": mesure, "periode": "2021",
            "etat": "secret" if value is None else "diffuse", "valeur": value,
        }
        for mesure, value in printed.items()
    ]  # fmt: skip
    found = states(cells({"QP1": row}), [], blancs=blanks, publications=before)
    assert found["QP1", "a"] != PUBLISHED
