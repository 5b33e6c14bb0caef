"""Cells of an edition under secrecy: hand-made tables in which what must be hidden is known."""

from __future__ import annotations

import math

import pytest

from quality.disclosure.kept import mask_until_kept
from quality.secrecy.edition.edition_mask import masques

RULE = {"regle": "r", "seuil": 5, "base_mesure": None, "base_effectif": None, "zeros": "publiables"}
PUBLISHED = "publiable"
#: Women and men are all, and so are four others together.
SUMS = [
    {
        "somme": number,
        "terme": mesure,
        "coefficient": 1.0 if mesure == "tous" else -1.0,
        "reste": False,
        "marge": 0,
    }
    for number, parts in enumerate((("femmes", "hommes"), tuple("abcd")))
    for mesure in ("tous", *parts)
]


def share(code: str, num: dict[str, float], den: dict[str, float]) -> list[dict]:
    """Terms of a share, as `edition.termes` has them."""
    sides = [("num", num), ("den", den)]
    return [
        {"code_indicateur": code, "cote": cote, "terme": mesure, "coefficient": coefficient}
        for cote, terms in sides
        for mesure, coefficient in terms.items()
    ]


def cells(table: dict[str, dict[str, float]], **more: object) -> list[dict]:
    """Cells of quarters (codes) × mesures."""
    common = {
        "perimetre": "2024", "type": "effectif", "periode": "2021",
        "regle": "r", "publique": False,
    } | more  # fmt: skip
    return [
        {"code_territoire": code, "mesure": mesure, "valeur": float(value), **common}
        for code, row in table.items()
        for mesure, value in row.items()
        if not math.isnan(value)
    ]


def states(rows: list[dict], termes: list[dict], **more: object) -> dict[tuple[str, str], str]:
    """(territory, mesure) → state."""
    given = {
        "indicateurs": [
            {"code_indicateur": t["code_indicateur"], "type": "part", "facteur": 100}
            for t in termes
        ],
        "ensembles": [], "secrets": [RULE], "sommes": SUMS, "publications": [], "recouvrements": [],
    } | more  # fmt: skip
    found = masques(rows, par=mask_until_kept, termes=termes, **given).to_pylist()
    return {(r["code_territoire"], r["mesure"]): r["etat"] for r in found}


def members(name: str, *quarters: str) -> list[dict]:
    return [{"code_ensemble": name, "code_qpv": q, "perimetre": "2024"} for q in quarters]


SEXES = [*share("f", {"femmes": 1}, {"tous": 1}), *share("h", {"hommes": 1}, {"tous": 1})]
QUARTERS = {
    "QN1": {"tous": 20, "femmes": 3, "hommes": 17},
    "QN2": {"tous": 90, "femmes": 50, "hommes": 40},
    "QN3": {"tous": 70, "femmes": 30, "hommes": 40},
}


def test_what_a_sum_gives_back_is_hidden_too_and_nothing_else() -> None:
    found = states(cells(QUARTERS), SEXES)
    hidden = {place for place, state in found.items() if state != PUBLISHED}
    assert found["QN1", "femmes"] == "primaire"
    assert ("QN1", "femmes") in hidden
    # Women are the total minus men: one of these two goes, and no other quarter loses anything.
    assert len(hidden) == 2
    assert hidden - {("QN1", "femmes")} <= {("QN1", "hommes"), ("QN1", "tous")}


def test_a_set_stays_shown_and_another_quarter_hides_the_one_below_the_threshold() -> None:
    found = states(cells(QUARTERS), SEXES, ensembles=members("QPV@EPCI:1", "QN1", "QN2", "QN3"))
    assert {m: found["QPV@EPCI:1", m] for m in ("tous", "femmes", "hommes")} == dict.fromkeys(
        ("tous", "femmes", "hommes"), PUBLISHED
    )
    for mesure in ("femmes",):
        others = [found[q, mesure] for q in ("QN2", "QN3")]
        assert "secondaire" in others


def test_the_set_of_one_quarter_is_hidden_with_it() -> None:
    found = states(
        cells(QUARTERS),
        SEXES,
        ensembles=[*members("QPV@EPCI:1", "QN1"), *members("QPV@EPCI:2", "QN2")],
    )
    assert found["QPV@EPCI:1", "femmes"] != PUBLISHED
    assert found["QPV@EPCI:2", "femmes"] == PUBLISHED


def test_the_rest_of_a_place_that_its_producer_shows_is_hidden_with_its_quarter() -> None:
    sets = [*members("QPV@EPCI:1", "QN1"), *members("QPV@EPCI:2", "QN2")]
    shown = {"EPCI:1": {"femmes": 100}, "EPCI:2": {"femmes": 100}}
    rests = {"HORSQPV@EPCI:1": {"femmes": 97}, "HORSQPV@EPCI:2": {"femmes": 50}}
    rows = [*cells(QUARTERS), *cells(shown, publique=True, perimetre=""), *cells(rests)]
    found = states(rows, SEXES, ensembles=sets)
    assert found["QN1", "femmes"] == "primaire"
    assert found["HORSQPV@EPCI:1", "femmes"] == "secondaire"
    assert found["HORSQPV@EPCI:2", "femmes"] == PUBLISHED


def test_the_rest_of_a_whole_is_protected_though_it_is_never_published() -> None:
    table = {"QN1": {"tous": 40, "couverts": 38}, "QN2": {"tous": 60, "couverts": 30}}
    found = states(cells(table), share("p", {"couverts": 1}, {"tous": 1}))
    assert "secondaire" in (found["QN1", "tous"], found["QN1", "couverts"])
    assert found["QN2", "tous"] == found["QN2", "couverts"] == PUBLISHED


def test_the_rest_of_a_whole_that_is_a_cell_is_that_cell_for_its_only_contributor() -> None:
    """Two men alone, each in a quarter: what each knows of himself exposes neither."""
    alone = {"tous": 29, "femmes": 28, "hommes": 1}
    table = {"QN1": alone, "QN4": alone} | {q: QUARTERS[q] for q in ("QN2", "QN3")}
    sets = [*members("QPV@EPCI:1", "QN1"), *members("QPV@DEP:1", *table)]
    found = states(cells(table), SEXES, ensembles=sets)
    assert found["QN1", "hommes"] == found["QN4", "hommes"] == "primaire"
    assert "non_protegee" not in found.values()


def test_an_indicator_that_is_a_small_difference_is_hidden_by_its_terms() -> None:
    table = {"QN1": {"tous": 100, "francais": 97}, "QN2": {"tous": 100, "francais": 60}}
    count = [
        {"code_indicateur": "etrangers", "cote": "num", "terme": m, "coefficient": c}
        for m, c in (("tous", 1), ("francais", -1))
    ]
    found = states(cells(table), count)
    assert "secondaire" in (found["QN1", "tous"], found["QN1", "francais"])
    assert found["QN2", "tous"] == found["QN2", "francais"] == PUBLISHED


@pytest.mark.parametrize("away", [-1.0, 0.0, 1.0])
def test_two_quarters_are_enough_and_one_off_by_one_keeps_its_tie(away: float) -> None:
    """Nothing is found in figures: what is declared holds for a quarter alone, or wrong by one."""
    table = {"QN1": {"tous": 60 + away, "femmes": 3, "hommes": 57}}
    found = states(cells(table), SEXES)
    assert found["QN1", "femmes"] == "primaire"
    assert "secondaire" in (found["QN1", "tous"], found["QN1", "hommes"])


def test_a_coincidence_is_no_law() -> None:
    """In these two quarters a + b happens to be c: c is shown, for no one declared it."""
    table = {
        "QN1": {"a": 3, "b": 30, "c": 33, "tous": 200},
        "QN2": {"a": 40, "b": 20, "c": 60, "tous": 300},
    }
    found = states(cells(table), [t for m in "abc" for t in share(m, {m: 1}, {"tous": 1})])
    assert {place for place, state in found.items() if state != PUBLISHED} == {("QN1", "a")}


def test_a_blank_part_still_bounds_those_beside_it() -> None:
    """A = 3 is hidden, C blank by its producer: 60 - 30 - 26 = 4 would bound A below 5."""
    blank = math.nan
    sound = {"a": 20, "b": 30, "c": 25, "d": 25, "tous": 100}
    table = {
        "QN1": {"a": 3, "b": 30, "c": blank, "d": 26, "tous": 60},
        **{f"QN{k}": {m: v * k for m, v in sound.items()} for k in range(2, 5)},
    }
    terms = [t for m in "abcd" for t in share(m, {m: 1}, {"tous": 1})]
    found = states(cells(table), terms)
    assert found["QN1", "a"] == "primaire"
    assert any(found["QN1", m] == "secondaire" for m in ("b", "d", "tous"))


def test_parts_that_their_producer_left_blank_are_one_at_least_each() -> None:
    """Of 12 in all, 5 and 7: whose four parts are blank is 4 at least, so the other 8 at most."""
    blank = dict.fromkeys("abcd", math.nan)
    rule = RULE | {"seuil": 11}
    table = {
        "QN1": {"tous": 5, **blank},
        "QN2": {"tous": 7, **blank},
        "QN3": dict.fromkeys("abcd", 30),
    }
    sets = members("QPV@COM:1", "QN1", "QN2")
    found = states(cells(table), [], secrets=[rule], ensembles=sets)
    assert found["QN1", "tous"] == found["QN2", "tous"] == "primaire"
    assert found["QPV@COM:1", "tous"] == "secondaire"


def test_zeros_are_shown_and_a_small_base_hides_its_whole_territory() -> None:
    rule = RULE | {"base_mesure": "tous", "base_effectif": 50}
    table = {"QN1": {"tous": 0, "femmes": 0}, "QN2": {"tous": 40, "femmes": 20}}
    found = states(cells(table), share("f", {"femmes": 1}, {"tous": 1}), secrets=[rule])
    assert found["QN1", "tous"] == found["QN1", "femmes"] == PUBLISHED
    assert found["QN2", "tous"] == found["QN2", "femmes"] == "primaire"


def test_what_a_producer_shows_cannot_be_hidden_and_is_counted_with() -> None:
    """The EPCI's own total is open: with it the people outside its quarters are total minus set."""
    quarters = cells({"QN1": {"tous": 60}, "QN2": {"tous": 37}})
    [epci] = cells({"EPCI:1": {"tous": 99}}, perimetre="", publique=True)
    found = states([*quarters, epci], [], ensembles=members("QPV@EPCI:1", "QN1", "QN2"))
    assert found["EPCI:1", "tous"] == PUBLISHED
    assert found["QPV@EPCI:1", "tous"] == "secondaire"


def test_a_small_count_that_its_producer_shows_is_not_ours_to_hide() -> None:
    [shown] = cells({"QN9": {"tous": 3}}, publique=True)
    found = states([*cells({"QN1": {"tous": 60}}), shown], [])
    assert set(found.values()) == {PUBLISHED}


def test_what_lies_between_a_local_perimeter_and_the_quarter_it_holds_is_protected() -> None:
    quarter = cells({"QN1": {"logements": 200}})
    [local] = cells({"LOC:A": {"logements": 203}}, perimetre="")
    overlap = {
        "code_perimetre": "LOC:A", "code_qpv": "QN1", "perimetre": "2024",
        "part_perimetre": 98.0, "part_qpv": 100.0,
    }  # fmt: skip
    assert set(states([*quarter, local], [], recouvrements=[overlap]).values()) == {
        PUBLISHED,
        "secondaire",
    }
    beside = overlap | {"part_qpv": 60.0}
    assert set(states([*quarter, local], [], recouvrements=[beside]).values()) == {PUBLISHED}


def test_what_was_shown_stays_known_and_last_years_mask_is_kept() -> None:
    place = {"perimetre": "2024", "periode": "2021"}
    shown = {"code_territoire": "QN1", "mesure": "hommes", "etat": "diffuse", "valeur": 17.0}
    shown |= place
    found = states(cells(QUARTERS), SEXES, publications=[shown])
    assert found["QN1", "hommes"] == PUBLISHED
    assert found["QN1", "tous"] == "secondaire"
    for kept in ("hommes", "tous"):
        before = {"code_territoire": "QN1", "mesure": kept, "etat": "secret", "valeur": None}
        before |= place
        assert states(cells(QUARTERS), SEXES, publications=[before])["QN1", kept] == "secondaire"


def test_what_a_withdrawn_release_showed_is_hidden_again_and_still_known() -> None:
    """Women of QN1 were printed once: they go, and do not protect the men of QN1 any more."""
    place = {"perimetre": "2024", "periode": "2021"}
    gone = {"code_territoire": "QN1", "mesure": "femmes", "etat": "retire", "valeur": 3.0, **place}
    table = {"QN1": {"tous": 7, "femmes": 3, "hommes": 4}}
    found = states(cells(table), SEXES, publications=[gone])
    assert found["QN1", "femmes"] == found["QN1", "hommes"] == "primaire"
    assert found["QN1", "tous"] == "secondaire"
    never = states(cells(table), SEXES)
    assert (never["QN1", "tous"], never["QN1", "hommes"]) == (PUBLISHED, "primaire")


@pytest.mark.parametrize(
    ("before", "state"), [(53.0, "primaire"), (47.0, "primaire"), (60.0, PUBLISHED)]
)
def test_a_perimeter_drawn_again_does_not_tell_the_few_units_between(
    before: float, state: str
) -> None:
    """Another release printed 53 dwellings for it: three of them are out of the new drawing."""
    now = cells({"LOC:A": {"logements": 50}}, perimetre="")
    told = {"code_territoire": "LOC:A", "perimetre": "", "mesure": "logements", "periode": "2021",
            "etat": "diffuse", "valeur": before}  # fmt: skip
    found = states([*now, *cells({"QN1": {"logements": 90}})], [], sommes=[], publications=[told])
    assert found == {("LOC:A", "logements"): state, ("QN1", "logements"): PUBLISHED}


def test_a_count_that_was_shown_and_is_under_the_threshold_is_told_apart() -> None:
    shown = {
        "code_territoire": "QN1", "perimetre": "2024", "mesure": "femmes", "periode": "2021",
        "etat": "diffuse", "valeur": 3.0,
    }  # fmt: skip
    rows = masques(
        cells(QUARTERS), par=mask_until_kept, termes=SEXES, indicateurs=[], ensembles=[],
        secrets=[RULE], sommes=SUMS, publications=[shown], recouvrements=[],
    ).to_pylist()  # fmt: skip
    [row] = [r for r in rows if (r["code_territoire"], r["mesure"]) == ("QN1", "femmes")]
    assert (row["etat"], row["deja_publiee"]) == ("primaire", True)
    assert not any(r["deja_publiee"] for r in rows if r is not row)


@pytest.mark.parametrize(
    ("rate", "state"),
    [(15.0, "derivee"), (50.0, PUBLISHED), (97.0, "derivee"), (0.0, PUBLISHED)],
)
def test_a_rate_goes_with_the_count_that_it_gives(rate: float, state: str) -> None:
    """Of 20 people, 15 % are 3, 97 % leave fewer than 5; half and none tell of no small group."""
    counts = cells({"QN1": {"tous": 20}})
    [figure] = cells({"QN1": {"taux": rate}}, type="part")
    terms = [
        {"code_indicateur": "p", "cote": "publiee", "terme": "taux", "coefficient": 1.0},
        *share("p", {"absente": 1}, {"tous": 1}),
    ]
    assert states([*counts, figure], terms)["QN1", "taux"] == state


@pytest.mark.parametrize(
    ("rate", "kind", "state"),
    [
        (100 * 2 / 150, "part", "derivee"),  # two of 150
        (98.0, "part", "derivee"),  # three of them are not
        (10.0, "part", "derivee"),  # two of the 20 women
        (50.0, "part", PUBLISHED),
        (0.0, "part", PUBLISHED),
        (2.0, "montant", PUBLISHED),
    ],
)
def test_a_share_alone_is_told_where_it_is_no_few_of_any_count(
    rate: float, kind: str, state: str
) -> None:
    """No formula says of whom it is a share; the base of the rule is large enough."""
    rule = RULE | {"base_mesure": "tous", "base_effectif": 100}
    counts = cells({"QN1": {"tous": 150, "femmes": 20}})
    [figure] = cells({"QN1": {"taux": rate}}, type=kind)
    found = states([*counts, figure], [], secrets=[rule], sommes=[])
    assert found["QN1", "taux"] == state


def test_an_amount_that_nobody_can_count_is_not_told() -> None:
    [figure] = cells({"QN1": {"mediane": 17000.0}}, type="montant")
    assert states([figure], []) == {("QN1", "mediane"): "derivee"}


def test_periods_masked_apart_are_masked_as_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing ties two periods: in parts or whole, in one process or two, the mask is the same."""
    common = {"par": mask_until_kept, "termes": SEXES, "indicateurs": [], "secrets": [RULE],
              "sommes": SUMS, "publications": [], "recouvrements": [],
              "ensembles": members("QPV@EPCI:1", "QN1", "QN2", "QN3")}  # fmt: skip
    other = {q: {m: v + 1 for m, v in row.items() if m != "tous"} for q, row in QUARTERS.items()}
    other = {q: row | {"tous": sum(row.values())} for q, row in other.items()}
    rows = [*cells(QUARTERS), *cells(other, periode="2022")]
    alone = [*masques(cells(QUARTERS), **common).to_pylist(),
             *masques(cells(other, periode="2022"), **common).to_pylist()]  # fmt: skip
    monkeypatch.setattr("quality.secrecy.edition.parted_mask.ENOUGH", 1)
    monkeypatch.setattr("quality.secrecy.edition.parted_mask.coeurs", lambda: 2)
    shared: list[int] = []

    def here(make, lots, _):
        shared.append(len(lots))
        return map(make, lots)

    monkeypatch.setattr("quality.secrecy.edition.parted_mask.share_out", here)
    together = masques(rows, **common).to_pylist()
    assert shared == [2]
    assert {tuple(r.values()) for r in together} == {tuple(r.values()) for r in alone}
    assert {r["etat"] for r in together} == {"primaire", "secondaire", PUBLISHED}


def test_a_public_edition_has_nothing_to_judge() -> None:
    assert states([], SEXES) == {}
