"""Counts of own lists, attacked: by the auditor, and by a reader written here without its code."""

from __future__ import annotations

import itertools
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from quality.disclosure.attack.reach import Reach
from quality.disclosure.audit.verdict import Audit
from quality.disclosure.calls import audit
from quality.disclosure.refused import DisclosureError
from quality.disclosure.rounding.steady import steady
from quality.secrecy.own_lists import counts_to_give as module
from quality.secrecy.own_lists.counts_to_give import ToGive, counts_to_give
from quality.secrecy.own_lists.given_counts import GivenCounts, given_counts
from quality.secrecy.own_lists.list_counts import Counts, counts_of, moved
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.declared.secret import RegleDesListes, rule_of_lists

RULE = rule_of_lists()
SEUIL, BASE = RULE.seuil, RULE.arrondi
LISTS = 200
NOTHING = Audit([], [], 0, 0, 0, 0)


def people(rng: np.random.Generator, number: int) -> list[tuple[str, str]]:
    """A made-up list: most quarters have a few people of each age."""
    places = [f"QN{n:05d}M" for n in range(3)] + ["~HORS"]
    return [(places[rng.integers(4)], f"{15 + 10 * rng.integers(3)} ans") for _ in range(number)]


def counted(rows: list[tuple[str, str]], perimetre: str = "2024", colonne: str = "âge") -> Counts:
    places, labels = zip(*rows, strict=True)
    return counts_of(perimetre, colonne, places, labels)


def give(
    rows: list[tuple[str, str]],
    kept: GivenCounts,
    perimetre: str = "2024",
    colonne: str = "âge",
    **others: list[str],
) -> ToGive:
    """The counts of a list by one of its columns; `others`: its other columns."""
    columns = {**others, colonne: [one for _, one in rows]}
    return counts_to_give(counted(rows, perimetre, colonne), kept, RULE, columns.get)


def ledger(seed: int = 0) -> GivenCounts:
    return GivenCounts(seed.to_bytes(32, "big"))


@pytest.fixture
def unproved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's own audit aside: what it would refuse must be kept without it."""
    monkeypatch.setattr(module, "audit", lambda *_, **__: (NOTHING, Reach()))


def told(given: ToGive) -> dict[tuple[str, str], int]:
    """What a reader has: figures by territory and category, and the total of each."""
    found = {}
    for place, row in zip(given.counts.territoires, given.printed.tolist(), strict=True):
        if place in given.retenus:
            continue
        cells = dict(zip(given.counts.modalites, row, strict=True))
        found |= {(place, name): figure for name, figure in cells.items()}
        found[place, ""] = sum(cells.values())
    return found


def interval(figure: int) -> range:
    """The counts that may be printed so."""
    return range(max(0, figure - BASE + 1), figure + BASE)


def proved(counts: Iterator[int]) -> bool:
    """Whether every count that is left is from 1 to under the threshold."""
    left = set(counts)
    return bool(left) and min(left) >= 1 and max(left) < SEUIL


def found_apart(before: dict, after: dict, more: int) -> int:
    """Counts proved small by whoever knows that up to `more` people came, and that none left."""
    cases = 0
    for key in before.keys() & after.keys():
        pairs = [
            (one, other)
            for one, other in itertools.product(interval(before[key]), interval(after[key]))
            if one <= other <= one + more
        ]
        cases += proved(one for one, _ in pairs) or proved(other for _, other in pairs)
    return cases


def test_rounding_keeps_sums_stays_near_and_has_no_bias() -> None:
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 23, (50, 7))
    drawn = [steady(counts, BASE, np.full(50, u)) for u in range(BASE)]
    for printed in drawn:
        assert (printed % BASE == 0).all()
        assert (abs(printed - counts) < BASE).all()
        assert (abs(printed.sum(axis=1) - counts.sum(axis=1)) < BASE).all()
    assert (np.mean(drawn, axis=0) == counts).all()
    # What is printed is itself a count that is printed so.
    assert all((steady(one, BASE, np.zeros(50, int)) == one).all() for one in drawn)


@pytest.mark.parametrize(("base", "offset"), [(1, 0), (5, 5), (5, -1)])
def test_rounding_refuses_what_it_cannot_do(base: int, offset: int) -> None:
    with pytest.raises(DisclosureError):
        steady(np.array([[1]]), base, np.array([offset]))


@pytest.mark.usefixtures("unproved")
def test_the_auditor_recovers_nothing_of_two_hundred_lists() -> None:
    rng = np.random.default_rng(200)
    rows = []
    for number in range(LISTS):
        given = give(people(rng, 8 + number // 2), ledger(number))
        for (place, name), figure in told(given).items():
            rows.append({"q": f"{number} {place}", "m": name or "tout", "n": figure})
    ages = sorted({row["m"] for row in rows} - {"tout"})
    relations = {
        "tableaux": [
            {
                "fichier": "listes",
                "dimensions": ["q", "m"],
                "mesures": {"n": {"entier": True, "arrondi_a": BASE, "portee": 1}},
            }
        ],
        "dimensions": {"m": {"total": "tout", "sommes": [{"total": "tout", "parties": ages}]}},
        "regles": {"n": {"seuil": SEUIL}},
    }
    found, _ = audit(rows, relations)
    assert found.cases > 1000
    assert found.relations > 600
    assert [c.nom for c in found.exposes] == []
    # It does find what draws that keep no sum would give.
    broken = [{**row, "n": 0 if row["m"] != "tout" else 15} for row in rows[-30:]]
    assert audit(broken, relations)[0].exposes


@pytest.mark.usefixtures("unproved")
def test_two_lists_that_differ_by_one_person_recover_nothing() -> None:
    rng = np.random.default_rng(2)
    forgetful = 0
    for number in range(LISTS):
        rows = people(rng, 8 + number // 2)
        gone = rows[1:] if number % 2 else [("QN00000M", "15 ans"), *rows]
        kept = ledger(number)
        first, second = (give(one, kept) for one in (rows, gone))
        assert told(second) == told(first)
        assert second.repris
        few, many = sorted((rows, gone), key=len)
        apart = [told(give(r, ledger(9 * number + len(r)))) for r in (few, many)]
        forgetful += found_apart(*apart, more=1)
    # The attack has teeth: draws that remember nothing are told apart.
    assert forgetful > 20


@pytest.mark.usefixtures("unproved")
def test_a_list_that_grows_recovers_nothing_from_one_count_to_the_next() -> None:
    rng = np.random.default_rng(5)
    given, withheld = 0, 0
    for number in range(40):
        rows, kept, before = people(rng, 15), ledger(number), []
        for _ in range(5):
            rows = rows + people(rng, 12)
            found = give(rows, kept)
            withheld += len(found.retenus)
            given += not found.repris
            now = told(found)
            assert sum(found_apart(old, now, more=60) for old in before) == 0
            before.append(now)
    assert given == 40 * 5
    assert withheld < 0.02 * given * 6


def test_counts_are_given_again_until_enough_people_changed() -> None:
    rows = people(np.random.default_rng(1), 100)
    kept = ledger()
    give(rows, kept)
    nearly = [*rows, *[("QN00000M", "15 ans")] * (RULE.renouvellement - 1)]
    assert give(nearly, kept).repris
    assert not give([*nearly, ("QN00001M", "25 ans")], kept).repris
    assert len(kept.donnes) == 2


def test_a_category_that_is_only_renamed_keeps_its_figures() -> None:
    rows = people(np.random.default_rng(1), 100)
    kept = ledger()
    first = give(rows, kept)
    names = {"15 ans": "z", "25 ans": "y", "35 ans": "x"}
    other = [(place, names[age]) for place, age in rows]
    second = give(other, kept, colonne="tranche")
    # Under its names of then: of two categories as large, nothing says which is which.
    assert told(second) == told(first)
    assert (second.counts.colonne, second.repris) == ("âge", kept.donnes[0].date)
    assert moved(counted(other), counted(rows)) == 0


def test_the_same_list_is_not_counted_on_two_perimeters() -> None:
    rows = people(np.random.default_rng(1), 100)
    kept = ledger()
    give(rows, kept)
    with pytest.raises(QpvError, match="déjà donné des comptes sur le périmètre 2024"):
        give(rows[30:], kept, perimetre="2015")
    give(rows[60:], kept, perimetre="2015")


def test_a_list_that_is_nearly_another_is_not_counted_by_another_column() -> None:
    rows = people(np.random.default_rng(1), 100)
    kept = ledger()
    give(rows, kept)
    one_more = [*rows, ("QN00000M", "15 ans")]
    by_sex = [(place, "FH"[n % 2]) for n, (place, _) in enumerate(one_more)]
    with pytest.raises(QpvError, match="à moins de 10 personnes près"):
        give(by_sex, kept, colonne="sexe")
    give(by_sex[:-1], kept, colonne="sexe", âge=[age for _, age in rows])
    assert give(by_sex, kept, colonne="sexe").repris


def test_a_total_is_the_same_by_whatever_column() -> None:
    rng = np.random.default_rng(1)
    rows = people(rng, 400)
    kept = ledger()
    by_age = told(give(rows, kept))
    by_sex = [(place, "FH"[int(rng.integers(2))]) for place, _ in rows]
    ages = [age for _, age in rows]
    other = told(give(by_sex, kept, colonne="sexe", âge=ages))
    totals = {key: figure for key, figure in by_age.items() if not key[1]}
    assert totals == {key: figure for key, figure in other.items() if not key[1]}


def test_what_was_given_is_its_owner_s_alone_and_survives(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    rows = people(np.random.default_rng(1), 100)
    with given_counts(layout) as given:
        first = give(rows, given)
    with given_counts(layout) as given:
        assert told(give(rows[1:], given)) == told(first)
    assert stat.S_IMODE(layout.lists.stat().st_mode) == 0o700
    for file in layout.lists.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (layout.lists / "comptes.json").write_text("{")
    with pytest.raises(QpvError, match="illisible"), given_counts(layout):
        pass


def test_what_the_auditor_finds_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = ledger()
    rows = [("QN00000M", f"m{n}") for n in range(9)]
    monkeypatch.setattr(module, "_rows", lambda *_: iter([
        *({"territoire": "A", "modalite": f"m{n}", "effectif": 5} for n in range(9)),
        {"territoire": "A", "modalite": module.ENSEMBLE, "effectif": 5},
    ]))  # fmt: skip
    with pytest.raises(QpvError, match="rien n'est donné"):
        give(rows, kept)
    assert kept.donnes == []


def test_too_many_categories_are_no_table() -> None:
    with pytest.raises(QpvError, match="a 41 modalités"):
        counted([("QN00000M", str(n)) for n in range(41)])


def test_a_rounding_under_the_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="le trahirait"):
        RegleDesListes(seuil=11, arrondi=5, renouvellement=10, document="x", confirme=True)
