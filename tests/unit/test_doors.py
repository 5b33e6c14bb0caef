"""The doors: each fault that one row can have stops, is told by group, and no value is told."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from quality.expectations import check_evolutions, check_landing, check_release

LIMITES = {"nb": (0, None), "part": (0, 100), "ecart": (-100, 200), "libre": (None, None)}
SOUND = [
    ("QP059050", "2015", "nb", "2018", 1200.0, "diffuse", "s"),
    ("QP059051", "2015", "nb", "2018", None, "secret_producteur", "s"),
    ("QP059050", "2015", "part", "2018", 100.0, "diffuse", "s"),
    ("QP059050", "2015", "ecart", "2018", -12.0, "diffuse", "s"),
    ("QPV@EPCI:200042190", "2015", "nb", "2018", 0.0, "diffuse", "s"),
    ("LOC:FRICHE-1", "", "nb", None, None, "non_disponible", None),
]
#: One row of SOUND replaced or added, and what the door must say of it.
FAULTS = {
    "a blank that bears no reason": (1, ("QP059051", "2015", "nb", "2018", None, "diffuse", "s")),
    "a masked figure": (1, ("QP059051", "2015", "nb", "2018", 7.0, "secret_producteur", "s")),
    "a negative count": (0, ("QP059050", "2015", "nb", "2018", -1.0, "diffuse", "s")),
    "a share over 100": (2, ("QP059050", "2015", "part", "2018", 100.5, "diffuse", "s")),
    "an unknown statut": (1, ("QP059051", "2015", "nb", "2018", None, "vide", "s")),
    "an unknown code": (0, ("QP059050", "2015", "autre", "2018", 1.0, "diffuse", "s")),
    "no territory of ours": (0, ("59050", "2015", "nb", "2018", 1200.0, "diffuse", "s")),
    "twice the same key": (6, SOUND[0]),
}


def judged(rows: list[tuple], door: str) -> list[str]:
    """Failures of a door on these rows."""
    with duckdb.connect() as con:
        con.execute(
            "create table t (code_territoire text, perimetre text, code_indicateur text,"
            " periode text, valeur double, statut text, source_id text)"
        )
        for row in rows:
            con.execute("insert into t values (?, ?, ?, ?, ?, ?, ?)", row)
        if door == "release":
            return check_release(con, "t", LIMITES).echecs
        con.execute(
            "create view landed as select * exclude (code_indicateur),"
            " code_indicateur as mesure, '2018' as millesime, 'a' as sha256 from t"
        )
        return check_landing(con, "landed", LIMITES).echecs


@pytest.mark.parametrize("door", ["release", "landing"])
def test_sound_rows_pass(door: str) -> None:
    assert judged(SOUND, door) == []


@pytest.mark.parametrize("door", ["release", "landing"])
@pytest.mark.parametrize("fault", FAULTS)
def test_one_wrong_row_is_one_failure(fault: str, door: str) -> None:
    place, row = FAULTS[fault]
    failures = judged([*SOUND[:place], row, *SOUND[place + 1 :]], door)
    assert len(failures) == 1, failures


def test_a_figure_without_period_or_source_does_not_leave() -> None:
    for gone in (("QP059050", "2015", "nb", None, 1200.0, "diffuse", "s"), (*SOUND[0][:6], None)):
        assert len(judged([gone, *SOUND[1:]], "release")) == 1


def test_an_empty_table_does_not_leave() -> None:
    assert len(judged([], "release")) == 1


def test_a_failure_names_its_group_and_no_value() -> None:
    rows = [*SOUND[:1], ("QP059051", "2015", "nb", "2018", 867.53, "secret_producteur", "s")]
    (said,) = judged(rows, "release")
    assert "nb secret_producteur" in said
    assert "867" not in said


@pytest.mark.parametrize(
    "row",
    [
        ("nb", "diffuse", None, True),
        ("nb", "diffuse", "non_comparable", True),
        ("nb", "non_comparable", "non_comparable", True),
        ("nb", "vide", None, False),
    ],
)
def test_an_evolution_without_a_verdict_does_not_leave(row: tuple) -> None:
    sound = [("nb", "diffuse", "comparable", True), ("nb", "non_comparable", None, False)]
    columns = ["code_indicateur", "statut", "comparabilite", "montre"]
    assert check_evolutions(pd.DataFrame(sound, columns=columns)).passe
    assert not check_evolutions(pd.DataFrame([*sound, row], columns=columns)).passe
