"""Files of counts whose ties are declared, forgotten or wrong."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from quality.secrecy.landed_ties import LandedTies, landed_ties

SUM = [
    {"somme": 0, "bloc": "s.b", "terme": mesure, "coefficient": sign, "reste": False, "marge": 0.0}
    for mesure, sign in (("tous", 1.0), ("femmes", -1.0), ("hommes", -1.0))
]


def judged(sommes: list[dict], quarters: int = 200, wrong: int = 0) -> LandedTies:
    """Women and men of quarters, in the first of which they are one too many."""
    rng = np.random.default_rng(3)
    femmes, hommes = rng.integers(1, 90, quarters), rng.integers(1, 90, quarters)
    tous = femmes + hommes + (np.arange(quarters) < wrong)
    rows = [
        {
            "code_territoire": f"QP{i:06}", "perimetre": "2015", "mesure": mesure,
            "type_mesure": "effectif", "statut": "diffuse", "valeur": float(value),
            "source_id": "s", "bloc": "b", "millesime": "2020", "periode": "2019",
        }
        for i in range(quarters)
        for mesure, value in (("tous", tous[i]), ("femmes", femmes[i]), ("hommes", hommes[i]))
    ]  # fmt: skip
    with duckdb.connect() as con:
        con.execute("create schema landing")
        con.register("given", pa.Table.from_pylist(rows))
        con.execute("create table landing.mesures as select * from given")
        return landed_ties(con, sommes)


def test_a_declared_sum_passes_and_one_that_nobody_declared_is_refused_with_its_mesures() -> None:
    assert judged(SUM) == LandedTies(1)
    [fault] = judged([]).fautes
    assert "tous = femmes + hommes" in fault and "s 2020, bloc b, 2019" in fault


def test_a_sum_that_a_few_rows_break_is_told_and_one_that_many_do_is_refused() -> None:
    few, many = judged(SUM, wrong=2), judged(SUM, wrong=20)
    assert few.fautes == [] and len(few.ecarts) == 1 and "2 lignes sur 200" in few.ecarts[0]
    assert len(many.fautes) == 1 and "20 lignes sur 200" in many.fautes[0]


def test_a_part_above_what_holds_it_is_told() -> None:
    held = [{**row, "reste": True} for row in SUM if row["terme"] != "hommes"]
    assert judged(held).ecarts == []
    turned = [{**row, "coefficient": -row["coefficient"]} for row in held]
    assert "femmes contient tous (s.b) ne tient pas" in judged(turned).fautes[-1]
