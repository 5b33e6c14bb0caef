"""Perimeters drawn on made-up dwellings: no difference under the threshold can be had."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest

from quality.secrecy.edition.perimeters import held_in_units
from tests.unit.test_secrecy_edition import PUBLISHED, cells, states

#: The dwellings of a quarter: (building, is vacant). Three buildings, of 3, 40 and 60.
RULE = {
    "regle": "r",
    "seuil": 11,
    "base_mesure": None,
    "base_effectif": None,
    "zeros": "publiables",
}
QUARTER = [
    (building, rank % 4 == 0)
    for building, size in (("petit", 3), ("moyen", 40), ("grand", 60))
    for rank in range(size)
]
ELSEWHERE = [("ailleurs", rank % 3 == 0) for rank in range(50)]


def _ecarts(perimeters: Mapping[str, frozenset]) -> list[dict]:
    """Pairs that share a dwelling, as the build counts them."""
    found = []
    for a, ours in perimeters.items():
        for b, theirs in perimeters.items():
            if a < b and ours & theirs:
                found.append(
                    {"code_a": a, "perimetre_a": "2024", "code_b": b, "perimetre_b": "2024"}
                    | {"seulement_a": len(ours - theirs), "seulement_b": len(theirs - ours)}
                )
    return found


def _shown(perimeters: Mapping[str, frozenset], units: list[tuple]) -> dict[str, dict[str, int]]:
    """Perimeter → mesure → count that is published."""
    table = {
        name: {"tous": len(held), "vacants": sum(units[i][1] for i in held)}
        for name, held in perimeters.items()
    }
    found = states(cells(table), [], secrets=[RULE], sommes=[], ecarts=_ecarts(perimeters))
    assert "non_protegee" not in found.values()
    return {
        name: {m: v for m, v in row.items() if found[name, m] == PUBLISHED}
        for name, row in table.items()
    }


def _told(perimeters: Mapping[str, frozenset], units: list[tuple]) -> list[tuple]:
    """Counts under the threshold that a difference of two published ones gives."""
    shown, found = _shown(perimeters, units), []
    for pair in _ecarts(perimeters):
        a, b = pair["code_a"], pair["code_b"]
        if pair["seulement_a"] and pair["seulement_b"]:
            continue  # the difference is of two places, neither of which is known
        for mesure in shown[a].keys() & shown[b].keys():
            if 0 < abs(shown[a][mesure] - shown[b][mesure]) < RULE["seuil"]:
                found.append((a, b, mesure))
    return found


def _of(*buildings: str) -> frozenset:
    units = [*QUARTER, *ELSEWHERE]
    return frozenset(i for i, (building, _) in enumerate(units) if building in buildings)


WHOLE = ("petit", "moyen", "grand")
DRAWINGS = {
    "a quarter less a building, and an empty park": {
        "QN1": _of(*WHOLE), "LOC:A": _of("moyen", "grand"),
    },
    "two perimeters that differ by a building": {
        "LOC:A": _of("moyen", "ailleurs"), "LOC:B": _of("moyen", "petit", "ailleurs"),
    },
    "one that holds a quarter and a building": {
        "LOC:A": _of("petit", "ailleurs"), "QN2": _of("ailleurs"),
    },
}  # fmt: skip


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_the_building_between_two_perimeters_is_not_told(drawing: str) -> None:
    assert _told(DRAWINGS[drawing], [*QUARTER, *ELSEWHERE]) == []


def test_of_two_hundred_pairs_of_perimeters_none_tells_a_few_dwellings() -> None:
    """Each is a quarter with some buildings of 1 to 30 dwellings added or taken away."""
    draw = random.Random(15)
    units = [(b, draw.random() < 0.3) for b in range(40) for _ in range(draw.randint(1, 30))]
    of = {b: frozenset(i for i, (own, _) in enumerate(units) if own == b) for b in range(40)}
    tried = 0
    for _ in range(200):
        first = draw.sample(range(40), 15)
        second = first + draw.sample(sorted(set(range(40)) - {*first}), draw.randint(0, 2))
        second = second[draw.randint(0, 2) :]
        a, b = (frozenset().union(*(of[n] for n in chosen)) for chosen in (first, second))
        tried += 0 < len(a ^ b) < RULE["seuil"]
        assert _told({"LOC:A": a, "LOC:B": b}, units) == []
    assert tried > 10


def test_what_two_or_three_leave_of_the_one_that_holds_them_is_not_told() -> None:
    """A quarter, and perimeters that share it out but for a building of three dwellings."""
    units = [*QUARTER, *ELSEWHERE]
    shared_out = {"QN1": _of(*WHOLE), "LOC:A": _of("moyen"), "LOC:B": _of("grand")}
    shown = _shown(shared_out, units)
    for mesure in ("tous", "vacants"):
        assert any(mesure not in shown[name] for name in shared_out)
    half = sorted(_of("grand"))
    thirds = shared_out | {"LOC:B": frozenset(half[:30]), "LOC:C": frozenset(half[30:])}
    shown = _shown(thirds, units)
    assert any("tous" not in shown[name] for name in thirds)
    # With the building in one of them, nothing is left.
    whole = shared_out | {"LOC:A": _of("moyen", "petit")}
    assert all(len(row) == 2 for row in _shown(whole, units).values())


def test_what_is_shared_in_another_count_ties_nothing_here() -> None:
    """Two perimeters of a quarter share an establishment, and no dwelling: both are taken away."""
    shared_out = {"QN1": _of(*WHOLE), "LOC:A": _of("moyen"), "LOC:B": _of("grand")}
    dwellings = [row | {"millesime": "2022"} for row in _ecarts(shared_out)]
    names = {"code_a": "LOC:A", "perimetre_a": "2024", "code_b": "LOC:B", "perimetre_b": "2024"}
    elsewhere = names | {"seulement_a": 30, "seulement_b": 40, "millesime": "2022", "annee": 0}
    both = (("LOC:A", "2024"), ("LOC:B", "2024"))
    assert (("QN1", "2024"), both) in held_in_units([*dwellings, elsewhere], 11)
    # One that holds the first in dwellings and the second in establishments holds no two of one.
    other = names | {"code_a": "QN1", "seulement_a": 40, "seulement_b": 0, "annee": 0}
    apart = [row for row in dwellings if "LOC:B" not in (row["code_a"], row["code_b"])]
    assert (("QN1", "2024"), both) not in held_in_units([*apart, other], 11)


def test_what_lies_between_is_told_without_the_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("quality.secrecy.edition.perimeters.held_in_units", lambda *_: [])
    assert all(_told(drawing, [*QUARTER, *ELSEWHERE]) for drawing in DRAWINGS.values())
