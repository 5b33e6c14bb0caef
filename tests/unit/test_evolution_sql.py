"""The SQL of evolutions on made-up tables: whatever the labels, no verdict, no figure."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
from hypothesis import assume, given
from hypothesis import strategies as st
from jinja2 import Environment

from warehouse.base.layout import DBT_PROJECT

MODEL = DBT_PROJECT / "models/intermediate/comparaisons/int_evolutions.sql"
MACRO = DBT_PROJECT / "macros/verdict_du_couple.sql"
SQL = (
    Environment()
    .from_string(MACRO.read_text(encoding="utf-8") + MODEL.read_text(encoding="utf-8"))
    .render(ref=lambda name: name)
)
FIXED = """
create table stg_edition__perimetres as
 select * from (values ('2015', null), ('2024', '2015')) as p(perimetre, precedent);
create table stg_edition__indicateurs as select 'nb' as code_indicateur, 'effectif' as type;
create table int_contours_changes(code_territoire text, code_indicateur text,
 periode text, periode_comparaison text, motif text);
create table stg_edition__communes_changees(code_territoire text, code_indicateur text,
 periode text, periode_comparaison text, motif text);
"""
TABLES = """
create or replace table int_indicateurs(code_territoire text, type_territoire text, perimetre text,
 code_indicateur text, periode text, valeur double, statut text, motif text, exclus text);
create or replace table stg_edition__periodes_indicateurs(code_indicateur text,
 choix text, periode text, etat text);
create or replace table stg_edition__comparabilites(code_indicateur text, type_territoire text,
 relation text, periode text, periode_comparaison text, verdict text, motif text);
"""
#: Four places, each at both periods.
FIGURES = """
insert into int_indicateurs
select code_territoire, type_territoire, perimetre, 'nb', periode, valeur, 'diffuse', null, ''
from (values ('QP001001', 'qpv', '2015'), ('QN00101I', 'qpv', '2024'),
  ('QN00102M', 'qpv', '2024'), ('EPCI:1', 'epci', ''))
  as t(code_territoire, type_territoire, perimetre)
cross join (values ($1, 12), ($2, 10)) as r(periode, valeur)
"""
CON = duckdb.connect()
CON.execute(FIXED)

LABEL = st.sampled_from(["2010", "2011", "2016-12-31", "2018", "2019", "2021-12-31"])
VERDICT = st.sampled_from(["comparable", "comparable_avec_reserve", "non_comparable"])
#: Type of territory and relation to the perimeter of before, one kind that has no row here.
KIND = st.sampled_from([("qpv", ""), ("qpv", "I"), ("qpv", "M"), ("epci", ""), ("qpv_epci", "")])


def evolutions(niveau: str, base: str, verdicts: Iterable[tuple]) -> list[tuple]:
    """(territory, figure, statut, motif) of two diffuse ends, under some rows of verdicts."""
    CON.execute(TABLES)
    CON.execute(FIGURES, [niveau, base])
    CON.execute(
        "insert into stg_edition__periodes_indicateurs values ('nb', 'niveau', ?, 'lue'),"
        " ('nb', 'comparaison', ?, 'lue')",
        [niveau, base],
    )
    given = [value for row in verdicts for value in row]
    if given:
        rows = ", ".join(["('nb', ?, ?, ?, ?, ?, 'dit')"] * (len(given) // 5))
        CON.execute(f"insert into stg_edition__comparabilites values {rows}", given)
    query = "select code_territoire, evolution_nb, statut, motif, comparabilite"
    return CON.execute(f"{query} from ({SQL}) order by 1").fetchall()


ROWS = st.dictionaries(st.tuples(KIND, LABEL, LABEL), VERDICT)


@given(niveau=LABEL, base=LABEL, table=ROWS)
def test_a_figure_stands_on_a_verdict_for_its_very_periods(niveau, base, table) -> None:
    assume(niveau != base)
    rows = [(*place, *span, verdict) for (place, *span), verdict in table.items()]
    allowed = {
        place
        for (place, *span), verdict in table.items()
        if span == [niveau, base] and verdict != "non_comparable"
    }
    for code, figure, statut, motif, verdict in evolutions(niveau, base, rows):
        kind = "epci" if code.startswith("EPCI") else "qpv"
        relation = code[-1] if code.startswith("QN") else ""
        if (kind, relation) in allowed:
            assert (figure, statut) == (2, "diffuse")
        else:
            assert (figure, statut, verdict) == (None, "non_comparable", "non_comparable")
            assert motif
