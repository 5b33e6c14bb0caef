"""A list counted by several of its columns, attacked by a reader who has all tables.

He knows which categories of two columns nobody can have both, and, of two dates, that nobody left.
He solves whole numbers, without a line of what he attacks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from quality.disclosure.attack.reach import Reach
from quality.disclosure.audit.verdict import Audit
from quality.secrecy.own_lists import counts_to_give as module
from quality.secrecy.own_lists.counts_to_give import ToGive, counts_to_give
from quality.secrecy.own_lists.given_counts import GivenCounts
from quality.secrecy.own_lists.list_counts import counts_of
from warehouse.base.errors import QpvError
from warehouse.declared.secret import rule_of_lists

RULE = rule_of_lists()
BASE = RULE.arrondi
NOTHING = Audit([], [], 0, 0, 0, 0)
#: Ages, and the columns whose categories they make: some of them, or what they are called.
AGES = ("0-9", "10-17", "18-29", "30-59", "60+")
OF_AGE = {
    "majorité": ("mineur", "mineur", "majeur", "majeur", "majeur"),
    "classe": ("enfant", "jeune", "jeune", "adulte", "senior"),
    "mot": ("petit", "ado", "b", "a", "vieux"),
}


class Person(NamedTuple):
    place: str
    age: int
    sexe: str

    def said(self, column: str) -> str:
        if column in OF_AGE:
            return OF_AGE[column][self.age]
        return AGES[self.age] if column == "âge" else self.sexe


def people(rng: np.random.Generator, number: int) -> list[Person]:
    """Made up: most quarters have a few people of each age."""
    places = [f"QN{n:05d}M" for n in range(3)] + ["~HORS"]
    return [
        Person(places[rng.integers(4)], int(rng.integers(5)), "FH"[int(rng.integers(2))])
        for _ in range(number)
    ]


def give(rows: list[Person], kept: GivenCounts, column: str, gone: tuple[str, ...] = ()) -> ToGive:
    columns = {
        name: [one.said(name) for one in rows]
        for name in ("âge", "sexe", *OF_AGE)
        if name not in gone
    }
    counts = counts_of("2024", column, [one.place for one in rows], columns[column])
    return counts_to_give(counts, kept, RULE, columns.get)


@pytest.fixture
def unproved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The product's own audit aside: what it would refuse must be kept without it."""
    monkeypatch.setattr(module, "audit", lambda *_, **__: (NOTHING, Reach()))


class Table(NamedTuple):
    """What a reader has of a territory: its column, the date of the list, and figures."""

    column: str
    date: int
    figures: dict[str, int]


def tables_of(given: list[tuple[str, int, ToGive]]) -> dict[str, list[Table]]:
    found: dict[str, list[Table]] = {}
    places = sorted({place for *_, one in given for place in one.counts.territoires})
    for (column, date, one), place in itertools.product(given, places):
        if place in one.retenus:
            continue
        counts = one.counts
        row = [0] * len(counts.modalites)
        if place in counts.territoires:
            row = one.printed[counts.territoires.index(place)].tolist()
        figures = dict(zip(counts.modalites, row, strict=True))
        found.setdefault(place, []).append(Table(column, date, figures))
    return found


def proved(tables: list[Table]) -> Iterator[tuple[str, str]]:
    """The counts that the tables of a territory prove to be from 1 to under the base."""
    persons = [Person("", age, sexe) for age in range(len(AGES)) for sexe in "FH"]
    dates = sorted({one.date for one in tables})
    # Unknown: how many came by each date, of each kind of person. Nobody leaves.
    unknown = [(date, person) for date in dates for person in persons]
    rows, figures, named = [], [], []
    for column, date, told in tables:
        for name in ("", *told):
            rows.append([then <= date and name in ("", p.said(column)) for then, p in unknown])
            figures.append(told[name] if name else sum(told.values()))
            named.append((column, name))
    ties, printed = np.array(rows, dtype=float), np.array(figures)
    printed_so = LinearConstraint(ties, np.maximum(printed - BASE + 1, 0), printed + BASE - 1)

    def extreme(at: int, sign: int) -> int:
        solved = milp(sign * ties[at], constraints=printed_so, bounds=Bounds(0, np.inf),
                      integrality=np.ones(len(unknown)))  # fmt: skip
        assert solved.status == 0
        return round(sign * solved.fun)

    for at, figure in enumerate(figures):
        if (figure == 0 and extreme(at, 1) > 0) or (figure == BASE and extreme(at, -1) < BASE):
            yield named[at]


def given_of(seed: int, columns: tuple[str, ...], grows: int) -> list[tuple[str, int, ToGive]]:
    """A list counted by each column in turn, `grows` people having come before each."""
    rng = np.random.default_rng(seed)
    rows, kept = people(rng, 8 + seed), GivenCounts(seed.to_bytes(32, "big"))
    found = []
    for date, column in enumerate(columns):
        rows = rows + people(rng, grows)
        one = give(rows, kept, column)
        found.append((one.counts.colonne, date if grows else 0, one))
    return found


def attacked(lists: range, columns: tuple[str, ...], grows: int) -> tuple[int, float]:
    """How many counts are proved, and the share of territories that are withheld."""
    cases = withheld = places = 0
    for seed in lists:
        given = given_of(seed, columns, grows)
        for tables in tables_of(given).values():
            cases += len([*proved(tables)])
            # What has not moved is printed as it was.
            assert grows or len({sum(one.figures.values()) for one in tables}) == 1
        withheld += sum(len(one.retenus) for *_, one in given)
        places += sum(len(one.counts.territoires) for *_, one in given)
    return cases, withheld / places


@pytest.mark.usefixtures("unproved")
@pytest.mark.parametrize(("columns", "grows", "lists"), [
    (("âge", "classe", "majorité"), 0, range(6, 82, 8)),
    (("majorité", "mot", "sexe"), 0, range(4, 60, 8)),
    (("âge", "majorité", "classe"), 12, range(0, 48, 12)),
    (("majorité", "âge", "âge"), 12, range(0, 48, 12)),
])  # fmt: skip
def test_who_has_all_tables_proves_no_small_count(
    columns: tuple[str, ...], grows: int, lists: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases, withheld = attacked(lists, columns, grows)
    assert cases == 0
    assert withheld < 0.04
    # The attack has teeth: each column for itself, it finds some.
    monkeypatch.setattr(module, "is_proved", lambda *_: False)
    assert attacked(lists[::2], columns, grows)[0] > 0


def test_columns_that_have_the_same_words_are_not_the_same_categories() -> None:
    """« oui » of two columns are other people: one does not move the figures of the other."""
    rng = np.random.default_rng(4)
    places = [f"QN{n:05d}M" for n in range(40)]
    rows = [(places[rng.integers(40)], *rng.choice(["non", "oui"], 2)) for _ in range(600)]
    where, first, second = ([*column] for column in zip(*rows, strict=True))
    columns = {"rqth": first, "rsa": second}
    tables = []
    for orders in (("rqth", "rsa"), ("rsa",)):
        kept = GivenCounts(bytes(32))
        for name in orders:
            counts = counts_of("2024", name, where, columns[name])
            found = counts_to_give(counts, kept, RULE, columns.get)
        tables.append(found.printed.tolist())
    assert tables[0] == tables[1]


def test_a_column_that_is_no_longer_there_lets_no_other_be_counted() -> None:
    rows = people(np.random.default_rng(1), 200)
    kept = GivenCounts(bytes(32))
    give(rows, kept, "âge")
    with pytest.raises(QpvError, match="une colonne qu'elle n'a plus telle quelle"):
        give(rows, kept, "majorité", gone=("âge",))
    grouped = {"âge": [one.said("majorité") for one in rows]}
    counts = counts_of("2024", "âge", [one.place for one in rows], grouped["âge"])
    with pytest.raises(QpvError, match="nommer autrement celle qui regroupe"):
        counts_to_give(counts, kept, RULE, grouped.get)
    assert len(kept.donnes) == 1
    assert not give(rows, kept, "majorité").repris
    # Once other people came, a column that is gone is one of another list.
    more = [*rows, *people(np.random.default_rng(2), 30)]
    assert not give(more, kept, "sexe", gone=("âge", "majorité")).repris


def test_people_near_a_quarter_are_counted_at_one_distance() -> None:
    rows = people(np.random.default_rng(1), 200)
    where, ages = [one.place for one in rows], [one.said("âge") for one in rows]

    def counted(near: int, metres: float | None) -> ToGive:
        """As many people near as is said, among those who are in no quarter."""
        out = [at for at, place in enumerate(where) if place == "~HORS"][:near]
        places = ["~PRES" if at in out else place for at, place in enumerate(where)]
        counts = counts_of("2024", "âge", places, ages, metres)
        return counts_to_give(counts, kept, RULE, {"âge": ages}.get)

    kept = GivenCounts(bytes(32))
    counted(0, None)
    with pytest.raises(QpvError, match=r"des comptes sans --a-moins-de, le .* : à moins de 300 m"):
        counted(20, 300)
    again = counted(9, 50)
    assert (again.repris, again.counts.metres) == (kept.donnes[0].date, None)
    assert len(kept.donnes) == 1


def test_categories_as_large_are_not_taken_for_one_another() -> None:
    """Given again under the names of another column, two that print 0 and 5 might be swapped."""
    rows = people(np.random.default_rng(3), 11)
    for column, other in itertools.permutations(("mot", "âge"), 2):
        kept = GivenCounts((3).to_bytes(32, "big"))
        first = give(rows, kept, column)
        assert give(rows, kept, other).counts is kept.donnes[0].counts
        assert (give(rows, kept, other).printed == first.printed).all()
