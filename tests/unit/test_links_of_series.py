"""Two points of a series are joined only where all that a release says lets them be compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.unit.test_fiche_donnees import write_release
from warehouse.domain.types_territoire import type_of
from warehouse.release.relations import expose
from warehouse.release.requetes import poser
from warehouse.release.series import LUES, REFUS, liens

SET = "QPV@EPCI:200000001"
LEFT = "calculé sur 2 des 3 QPV : 1 laissé de côté"


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(path)) as con:
        for table in ("fct_indicateur", "fct_evolution"):
            con.execute(f"delete from {table}")
        expose(con, *LUES)
        yield con


def link(con: duckdb.DuckDBPyConnection) -> tuple[str | None, str | None]:
    """(joined to, why not to the one before) of the one point that has an earlier one."""
    [row] = con.execute(f"select comparable_depuis, refus from ({liens()})").fetchall()
    return row


def write(
    con: duckdb.DuckDBPyConnection, code: str, perimetre: str, before: str | None, after: str | None
) -> None:
    """Two diffused figures, with what is said of each."""
    kind = type_of(code)
    for period, said in (("2016", before), ("2018", after)):
        con.execute(
            "insert into fct_indicateur values (?, ?, ?, 'x', ?, null, null, 1, 'diffuse', ?, 's',"
            " 'm', false)",
            [code, kind, perimetre, period, said],
        )


def allow(con: duckdb.DuckDBPyConnection, kind: str, relation: str = "") -> None:
    con.execute(
        "insert into dim_comparabilite values ('x', ?, ?, '2018', '2016', 'comparable', null)",
        [kind, relation],
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, None, ("2016", None)),
        ("de 12 IRIS", "de 13 IRIS", ("2016", None)),
        (f"{LEFT} (QP001002)", f"{LEFT} (QP001002) ; arrondi", ("2016", None)),
        (f"{LEFT} (QP001002)", f"{LEFT} (QP001003)", (None, REFUS[2])),
        (None, f"{LEFT} (QP001003)", (None, REFUS[2])),
        (LEFT, LEFT, (None, REFUS[3])),  # counted, not named: they may be others
    ],
)
def test_a_set_is_joined_where_the_same_quarters_are_left_aside(
    con: duckdb.DuckDBPyConnection,
    before: str | None,
    after: str | None,
    expected: tuple[str | None, str | None],
) -> None:
    allow(con, "qpv_epci")
    write(con, SET, "2015", before, after)
    assert link(con) == expected


def test_without_a_rule_nothing_is_joined(con: duckdb.DuckDBPyConnection) -> None:
    write(con, SET, "2015", None, None)
    assert link(con) == (None, REFUS[0])


@pytest.mark.parametrize(("code", "joined"), [("QN00101I", True), ("QN00101M", False)])
def test_a_quarter_in_force_is_joined_by_what_its_letter_allows(
    con: duckdb.DuckDBPyConnection, code: str, joined: bool
) -> None:
    allow(con, "qpv", "I")
    write(con, code, "2024", None, None)
    assert link(con) == (("2016", None) if joined else (None, REFUS[0]))


def test_what_is_not_diffused_is_no_end_of_a_link(con: duckdb.DuckDBPyConnection) -> None:
    allow(con, "qpv_epci")
    write(con, SET, "2015", None, None)
    con.execute("update fct_indicateur set statut = 'secret' where periode = '2016'")
    assert con.execute(f"select * from ({liens()})").fetchall() == []


@pytest.mark.parametrize(("said", "joined"), [(None, "2016"), ("non_comparable", None)])
def test_the_ready_made_query_joins_what_a_drawing_joins(
    con: duckdb.DuckDBPyConnection, said: str | None, joined: str | None
) -> None:
    allow(con, "qpv")
    write(con, "QP001002", "2015", None, None)
    con.execute("insert into dim_indicateur (code_indicateur) values ('x')")
    if said:
        con.execute(
            "insert into fct_evolution values ('QP001002', 'qpv', '2015', 'x', '2018', '2016',"
            " null, null, null, ?, 'autres communes', ?, true)",
            [said, said],
        )
    found = poser(con, "serie_d_un_quartier", qpv="QP001002", indicateur="x")
    told = found.select("periode, comparable_depuis").fetchall()
    assert told == [("2016", None), ("2018", joined)]
    assert link(con)[0] == joined


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("somme de ses 335 EPCI", "somme de ses 335 EPCI (Ville de Paris : DEP:75)", True),
        (None, "somme de ses 335 EPCI", False),
        (None, None, False),  # a producer's own line, which does not say which EPCI
    ],
)
def test_epci_put_together_are_joined_where_both_points_are_their_sum(
    con: duckdb.DuckDBPyConnection, before: str | None, after: str | None, joined: bool
) -> None:
    write(con, "EPCI_QPV@FRMETRO", "2015", before, after)
    allow(con, "epci_avec_qpv")
    assert link(con) == (("2016", None) if joined else (None, REFUS[4]))
