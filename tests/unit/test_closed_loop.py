"""Masks are attacked with every inequality that readers know, and made again until they hold."""

from __future__ import annotations

import pytest

from quality.disclosure import kept
from quality.secrecy.edition import assembly
from tests.unit.test_secrecy_edition import PUBLISHED, RULE, cells, members, states

#: All are `a` and `b`; `c` is among `b`, and something of it may be in no part.
SUMS = [
    {"somme": n, "terme": m, "coefficient": sign, "reste": reste, "marge": 0}
    for n, reste, terms in (
        (0, False, {"tous": 1.0, "a": -1.0, "b": -1.0}),
        (1, True, {"b": 1.0, "c": -1.0}),
    )
    for m, sign in terms.items()
]
#: Hiding `b` with `a` is cheapest, and says that `a` is 4 at most, since `b` is 26 or more.
TABLE = {"QN1": {"tous": 30, "a": 3, "b": 27, "c": 26}, "QN2": {"tous": 90, "a": 50, "b": 40}}


def _upper(found: dict, table: dict) -> float:
    """The highest `a` of QN1 that a reader thinks possible, by hand."""
    shown = {m: v for m, v in table["QN1"].items() if found["QN1", m] == PUBLISHED}
    if "tous" not in shown:
        return float("inf")
    return shown["tous"] - shown.get("b", shown.get("c", 1))


@pytest.mark.parametrize("near", [10, 0])
def test_a_part_shown_beside_its_hidden_whole_gives_nothing(
    near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`near`: how many thresholds apart the engine looks by itself; the attack looks everywhere."""
    monkeypatch.setattr(assembly, "_BORNE", near)
    found = states(cells(TABLE), [], sommes=SUMS)
    assert found["QN1", "a"] == "primaire"
    assert _upper(found, TABLE) >= RULE["seuil"]
    assert "non_protegee" not in found.values()


def test_what_is_still_broken_in_the_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembly, "_BORNE", 0)
    monkeypatch.setattr(kept, "ROUNDS", 1)
    assert states(cells(TABLE), [], sommes=SUMS)["QN1", "a"] == "non_protegee"


@pytest.mark.parametrize(("place", "state"), [(29, "non_protegee"), (35, "primaire")])
def test_the_quarters_of_a_place_are_at_most_the_place(place: int, state: str) -> None:
    """The producer shows 26 in the other quarter: less 29, 3 at most are left, set or no set."""
    rows = [
        *cells({"QN1": {"femmes": 3}}),
        *cells({"QN2": {"femmes": 26}}, publique=True),
        *cells({"EPCI:1": {"femmes": place}}, publique=True, perimetre=""),
    ]
    found = states(rows, [], ensembles=members("QPV@EPCI:1", "QN1", "QN2"))
    assert found["QN1", "femmes"] == state
    assert found["QPV@EPCI:1", "femmes"] != PUBLISHED
