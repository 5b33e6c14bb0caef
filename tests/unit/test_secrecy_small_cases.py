"""Small tables whose mask is known by hand: each one undoes a rule that looks sufficient."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from quality.disclosure.mask import cheapest
from quality.disclosure.mask.problem import (
    CANDIDATE,
    IMPOSEE,
    LIBRE,
    PRIMAIRE,
    VIRTUELLE,
    Masque,
    Tableau,
)
from quality.disclosure.mask.suppress import suppress
from tests.fixtures.reader import Reader, unmet

METHODS = pytest.mark.parametrize("methode", ["lp", "exact"])


def table(
    values: Mapping[str, float],
    sums: Mapping[str, str],
    status: Mapping[str, int],
    between: tuple[tuple[dict[str, float], float, float], ...] = (),
    **vectors: Mapping[str, float],
) -> tuple[Tableau, list[str]]:
    """A tableau of named cells. `sums`: total -> "part part"; several for a total: "a b|c d"."""
    names = list(values)
    lines = [(t, p.split()) for t, parts in sums.items() for p in parts.split("|")]
    relations = np.zeros((len(lines), len(names)))
    for i, (total, parts) in enumerate(lines):
        relations[i, names.index(total)] = 1
        for part in parts:
            relations[i, names.index(part)] = -1
    rows = np.array([[row.get(name, 0.0) for name in names] for row, _, _ in between])
    default = {"protection_basse": 1.0, "protection_haute": 1.0, "haut": 1000.0}
    filled = {
        key: np.array([vectors.get(key, {}).get(name, default.get(key, 0.0)) for name in names])
        for key in {*default, *vectors} - {"couts", "contributeurs"}
    }
    for key, otherwise in (("couts", 1), ("contributeurs", -1)):
        filled[key] = np.array([vectors.get(key, {}).get(name, otherwise) for name in names])
    if between:
        filled["inegalites"] = sp.csr_matrix(rows)
        filled["inegalites_bas"] = np.array([low for _, low, _ in between])
        filled["inegalites_haut"] = np.array([high for _, _, high in between])
    return (
        Tableau(
            np.array(list(values.values()), dtype=float),
            sp.csr_matrix(relations),
            np.array([status.get(name, CANDIDATE) for name in names]),
            **filled,
        ),
        names,
    )


def added(mask: Masque, names: list[str]) -> set[str]:
    """The names of the secondary cells."""
    return {names[i] for i in np.flatnonzero(mask.secondaires)}


def grid() -> tuple[Tableau, list[str]]:
    """4 × 5, every line has two primary cells or more, yet r1c3 = rows r1, r2 - columns c1, c2."""
    values = {f"r{i}c{j}": 5.0 for i in range(1, 5) for j in range(1, 6)}
    sums = {f"r{i}": " ".join(f"r{i}c{j}" for j in range(1, 6)) for i in range(1, 5)}
    sums |= {f"c{j}": " ".join(f"r{i}c{j}" for i in range(1, 5)) for j in range(1, 6)}
    values |= {f"r{i}": 25.0 for i in range(1, 5)} | {f"c{j}": 20.0 for j in range(1, 6)}
    primary = ["r1c1", "r1c2", "r2c1", "r2c2", "r1c3", "r3c3", "r3c4", "r3c5", "r4c4", "r4c5"]
    return table(values, sums, dict.fromkeys(primary, PRIMAIRE))


def test_two_masked_cells_per_line_may_not_be_enough() -> None:
    tableau, names = grid()
    low, high = Reader(tableau, tableau.statuts == PRIMAIRE).interval(names.index("r1c3"))
    assert (low, high) == pytest.approx((5, 5))


@pytest.mark.parametrize(("methode", "most"), [("lp", 2), ("exact", 1), ("gauss", 2)])
def test_a_cell_or_two_close_the_grid(methode: str, most: int) -> None:
    tableau, _ = grid()
    mask = suppress(tableau, methode)
    # By hand: one cell in the corners r1-r2 × c4-c5 or r3-r4 × c1-c2 ties both halves.
    assert 1 <= mask.secondaires.sum() <= most
    assert unmet(tableau, mask.masquees) == []


@METHODS
def test_a_total_shared_by_two_tables_leaves_both(methode: str) -> None:
    tableau, names = table(
        {"N": 50, "a": 2, "b": 48, "c": 20, "d": 30},
        {"N": "a b|c d"},
        {"a": PRIMAIRE, "b": IMPOSEE, "d": IMPOSEE},
    )
    assert added(suppress(tableau, methode), names) == {"N", "c"}


@pytest.mark.parametrize("methode", ["lp", "exact", "gauss"])
def test_an_epci_with_one_quarter_is_that_quarter(methode: str) -> None:
    tableau, names = table(
        {"dep": 100, "e1": 3, "q1": 3, "e2": 97, "q2": 60, "q3": 37},
        {"e1": "q1", "e2": "q2 q3", "dep": "e1 e2"},
        {"q1": PRIMAIRE, "dep": IMPOSEE},
        couts={"q2": 9, "q3": 4, "e2": 30},
    )
    assert added(suppress(tableau, methode), names) == {"e1", "e2", "q3"}


@METHODS
def test_two_ones_under_a_shown_two_are_known_when_zeros_are_shown(methode: str) -> None:
    values = {"G": 60, "T": 2, "a": 1, "b": 1, "z": 0, "U": 58, "u1": 30, "u2": 28}
    tableau, names = table(
        values,
        {"T": "a b z", "U": "u1 u2", "G": "T U"},
        {"a": PRIMAIRE, "b": PRIMAIRE, "z": IMPOSEE, "G": IMPOSEE},
        bas={name: 1.0 for name in values if name != "z"},
        protection_basse=dict.fromkeys(values, 0.0),
        couts={"u1": 5, "u2": 4},
    )
    assert added(suppress(tableau, methode), names) == {"T", "U", "u2"}


@METHODS
def test_a_masked_zero_protects_ones_when_zeros_may_be_masked(methode: str) -> None:
    values = {"T": 2, "a": 1, "b": 1, "z": 0}
    tableau, names = table(
        values,
        {"T": "a b z"},
        {"a": PRIMAIRE, "b": PRIMAIRE, "T": IMPOSEE},
        protection_haute={"a": 1, "b": 1},
    )
    assert added(suppress(tableau, methode), names) == set()
    assert Reader(tableau, tableau.statuts == PRIMAIRE).interval(1) == pytest.approx((0, 2))


@METHODS
def test_two_perimeters_that_differ_by_few_people_are_not_both_shown(methode: str) -> None:
    tableau, names = table(
        {"ancien": 400, "nouveau": 403, "commun": 400, "ajout": 3},
        {"ancien": "commun", "nouveau": "commun ajout"},
        {"commun": LIBRE, "ajout": VIRTUELLE},
        couts={"ancien": 20, "nouveau": 21},
    )
    mask = suppress(tableau, methode)
    assert added(mask, names) == {"ancien"}
    assert not mask.masquees[names.index("ajout")]
    assert not mask.non_protegees.size


@METHODS
def test_slivers_on_both_sides_hide_each_other(methode: str) -> None:
    tableau, names = table(
        {"ancien": 404, "nouveau": 403, "commun": 400, "perdu": 4, "ajout": 3},
        {"ancien": "commun perdu", "nouveau": "commun ajout"},
        {"commun": LIBRE, "perdu": VIRTUELLE, "ajout": VIRTUELLE},
    )
    assert added(suppress(tableau, methode), names) == set()


def rate(denominator: int) -> tuple[Tableau, list[str]]:
    """7 of 100, published as 7.0 %: the rate lies within 6.95 % and 7.05 %."""
    return table(
        {"num": 7, "reste": 93, "den": 100, "autre": 200, "total": 300},
        {"den": "num reste", "total": "den autre"},
        {"num": PRIMAIRE, "den": denominator, "total": IMPOSEE},
        (({"num": 1, "den": -0.0695}, 0, np.inf), ({"num": 1, "den": -0.0705}, -np.inf, 0)),
    )


@METHODS
def test_a_rate_at_one_decimal_gives_a_masked_numerator_away(methode: str) -> None:
    tableau, names = rate(IMPOSEE)
    assert suppress(tableau, methode).non_protegees.tolist() == [names.index("num")]


@METHODS
def test_a_rate_may_stay_when_its_denominator_goes(methode: str) -> None:
    tableau, names = rate(CANDIDATE)
    mask = suppress(tableau, methode)
    assert added(mask, names) == {"den", "reste", "autre"}
    assert unmet(tableau, mask.masquees) == []


@METHODS
def test_an_evolution_at_one_decimal_gives_a_masked_level_away(methode: str) -> None:
    # 40 then 7: -82.5 %, so between 17.45 % and 17.55 % of 40.
    tableau, names = table(
        {"avant": 40, "apres": 7, "autres": 50, "total": 57},
        {"total": "apres autres"},
        {"avant": IMPOSEE, "apres": PRIMAIRE},
        (({"apres": 1, "avant": -0.1745}, 0, np.inf), ({"apres": 1, "avant": -0.1755}, -np.inf, 0)),
    )
    assert suppress(tableau, methode).non_protegees.tolist() == [names.index("apres")]


@METHODS
def test_cumulated_months_give_the_last_one_away(methode: str) -> None:
    tableau, names = table(
        {"m1": 30, "m2": 25, "m3": 2, "deux_mois": 55, "trois_mois": 57},
        {"deux_mois": "m1 m2", "trois_mois": "m1 m2 m3|deux_mois m3"},
        {"m3": PRIMAIRE, "trois_mois": IMPOSEE},
    )
    mask = suppress(tableau, methode)
    assert added(mask, names) in ({"deux_mois", "m1"}, {"deux_mois", "m2"})


@METHODS
@pytest.mark.parametrize(("alone", "expected"), [(1, {"c"}), (2, set())])
def test_a_single_contributor_does_not_learn_the_other_cell(
    methode: str, alone: int, expected: set[str]
) -> None:
    tableau, names = table(
        {"T": 1000, "a": 60, "b": 50, "c": 890},
        {"T": "a b c"},
        {"a": PRIMAIRE, "b": PRIMAIRE, "T": IMPOSEE},
        contributeurs={"a": alone, "b": 2, "c": 12},
        protection_basse=dict.fromkeys("ab", 5.0),
        protection_haute=dict.fromkeys("ab", 5.0),
    )
    assert added(suppress(tableau, methode), names) == expected


def test_nothing_can_protect_what_readers_already_have() -> None:
    tableau, names = table(
        {"T": 50, "a": 2, "b": 48}, {"T": "a b"}, {"a": PRIMAIRE, "b": IMPOSEE, "T": IMPOSEE}
    )
    for methode in ("lp", "exact", "gauss"):
        assert suppress(tableau, methode).non_protegees.tolist() == [names.index("a")]


def test_the_last_mask_is_kept_where_it_still_serves() -> None:
    tableau, names = table(
        {"T": 50, "a": 2, "b": 20, "c": 28}, {"T": "a b c"}, {"a": PRIMAIRE, "T": IMPOSEE}
    )
    for methode, before in product(("lp", "gauss", "exact"), "bc"):
        mask = suppress(tableau, methode, np.array([name == before for name in names]))
        assert added(mask, names) == {before}


def test_a_side_that_bounds_forbid_is_asked_of_the_other() -> None:
    tableau, names = table(
        {"T": 50, "a": 1, "b": 49}, {"T": "a b"}, {"a": PRIMAIRE, "T": IMPOSEE}, bas={"a": 1}
    )
    mask = suppress(tableau)
    assert mask.glissees.tolist() == [names.index("a")]
    assert not mask.non_protegees.size
    assert Reader(tableau, mask.masquees).interval(names.index("a"))[1] >= 3


def test_a_cut_loop_that_stalls_is_not_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cheapest._Search, "_add_cut", lambda *_: 0)
    tableau, _ = grid()
    mask = suppress(tableau, "exact")
    assert (mask.optimal, mask.methode) == (False, "lp")
    assert "aucune coupe" in mask.remarques[0]
    assert unmet(tableau, mask.masquees) == []


def test_without_time_the_mask_is_that_of_programs_and_says_so() -> None:
    tableau, _ = grid()
    mask = suppress(tableau, "exact", delai=0)
    assert (mask.optimal, mask.methode) == (False, "lp")
    assert "délai" in mask.remarques[0]
    assert unmet(tableau, mask.masquees) == []


@METHODS
def test_a_total_beside_a_shown_zero_is_the_same_cell_for_its_only_contributor(
    methode: str,
) -> None:
    tableau, names = table(
        {"G": 100, "T": 5, "a": 5, "z": 0, "U": 95, "u": 40, "w": 55},
        {"T": "a z", "G": "T U", "U": "u w"},
        {"a": PRIMAIRE, "z": IMPOSEE, "G": IMPOSEE},
        contributeurs={"a": 1, "T": 1, "U": 9, "u": 4, "w": 5},
        couts={"w": 2},
    )
    mask = suppress(tableau, methode)
    assert added(mask, names) == {"T", "U", "u"}
    assert not mask.non_protegees.size


@pytest.mark.parametrize(("limit", "lost"), [(0.0, False), (-1.0, True)])
def test_a_unit_alone_in_what_holds_it_learns_nothing_of_itself(limit: float, lost: bool) -> None:
    """Of 3 people, 2 are covered; 1 is not, who is the only one to have left, for left <= not.

    Where the limit is not of this whole, the one who is not covered learns of someone else.
    """
    one = {"all": 3.0, "covered": 2.0, "rest": 1.0, "left": 1.0 - limit}
    tableau, names = table(
        one,
        {"all": "covered rest"},
        dict.fromkeys(("all", "covered", "left"), PRIMAIRE) | {"rest": VIRTUELLE},
        between=(({"all": 1.0, "covered": -1.0, "left": -1.0}, limit, np.inf),),
        bas=dict.fromkeys(names_of := [*one], 1.0) | {"left": 1.0 - limit},
        protection_basse=dict.fromkeys(names_of, 0.0),
        protection_haute=dict.fromkeys(names_of, 2.0) | {"left": 0.0},
        largeur={"left": 1.0},
        contributeurs={"rest": 1.0, "left": 1.0},
    )
    found = suppress(tableau)
    assert ([names[i] for i in found.non_protegees] == ["left"]) == lost
