"""The SQL of places put together, on made-up tables: what is under an agreement makes no sum."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import duckdb
import pytest
from jinja2 import Environment

from warehouse.base.layout import DBT_PROJECT

INTERMEDIATE = DBT_PROJECT / "models/intermediate"


def _sql(model: str) -> str:
    text = (INTERMEDIATE / model).read_text(encoding="utf-8")
    return Environment().from_string(text).render(ref=lambda name: name)


SOMMES = _sql("chiffres/int_mesures_reunies.sql")
SECRETS = _sql("secret/int_secrets.sql")
PLACES = ("EPCI:1", "EPCI:2", "EPCI:3")
SET = "EPCI_QPV@FRMETRO"
TABLES = f"""
create or replace table int_lieux_reunis as
select 'epci_avec_qpv' as type_territoire, '{SET}' as code_territoire, '2015' as perimetre,
    code as code_lieu, true as est_complet, code as libelle, code as code_lu, 1 as rang
from (select unnest({list(PLACES)}) as code);
create or replace table stg_edition__secrets as
select * from (values ('ouverte', 'b', 'nb', 'effectif', 'publique'),
    ('convention', 'b', 'nb', 'effectif', 'convention'), ('micro', 'b', 'nb', 'effectif', 'micro'))
    as s(source_id, bloc, mesure, type, acces);
create or replace table int_mesures_lues(code_territoire text, perimetre text, mesure text,
    choix text, periode text, periode_debut date, periode_fin date, valeur double, statut text,
    motif text, champ text, source_id text, millesime text, bloc text);
create or replace table int_masques(code_territoire text, perimetre text, mesure text,
    periode text, etat text);
create or replace table int_cellules_secretes as select 'nb' as mesure, '2020' as periode;
create or replace table int_termes as
select '{SET}' as code_territoire, '2015' as perimetre, 'nb' as code_indicateur, '2020' as periode,
    'nb' as terme, '2020' as periode_terme;
create or replace table int_ensembles(code_ensemble text, code_qpv text, perimetre text,
    type_territoire text);
create or replace table stg_edition__indicateurs as
select 'nb' as code_indicateur, false as den_ensemble;
"""
CON = duckdb.connect()

#: What a file may say of a place: its figure if it has one, who masked it.
CELLS = [(v, s) for v in (None, 0, 7) for s in ("ouverte", "convention", "micro")]
#: Each period is one of the cases: every pair of cells, beside an open figure.
CASES = {
    str(number): (*cells, (30, "ouverte")) for number, cells in enumerate(product(CELLS, repeat=2))
}


def _read(cases: Mapping[str, tuple]) -> dict[str, tuple]:
    """Period → value, statut and source of the set."""
    CON.execute(TABLES)
    rows = ", ".join(
        f"('{place}', '', 'nb', 'niveau', '{period}', null, null, {'null' if v is None else v}, "
        f"'{'secret_producteur' if v is None else 'diffuse'}', null, null, '{source}', '2020', 'b')"
        for period, cells in cases.items()
        for place, (v, source) in zip(PLACES, cells, strict=True)
    )
    CON.execute(f"insert into int_mesures_lues values {rows}")
    found = CON.execute(f"select periode, valeur, statut, source_id from ({SOMMES})").fetchall()
    assert len({period for period, *_ in found}) == len(found)
    return {period: said for period, *said in found}


def test_a_sum_is_of_public_figures_all_there_or_is_not() -> None:
    found = _read(CASES)
    for period, cells in CASES.items():
        if all(source == "ouverte" and value is not None for value, source in cells):
            assert found[period] == [sum(value for value, _ in cells), "diffuse", "ouverte"]
        else:
            assert found[period] == [None, "non_disponible", "ouverte"]
    assert sum(said[1] == "diffuse" for said in found.values()) == 4


@pytest.mark.parametrize("source", ["convention", "micro"])
def test_what_is_under_an_agreement_makes_no_sum(source: str) -> None:
    assert _read({"2020": ((1, source), (2, source), (3, source))}) == {}


@pytest.mark.parametrize("own", ["diffuse", "secret_producteur"])
def test_the_line_of_the_producer_comes_first_even_masked(own: str) -> None:
    assert _read({"2020": ((1, "ouverte"), (2, "ouverte"), (3, "ouverte"))})
    CON.execute(
        "insert into int_mesures_lues values (?, '2015', 'nb', 'niveau', '2020', null, null, 7, ?,"
        " null, null, 'ouverte', '2021', 'b')",
        [SET, own],
    )
    assert CON.execute(f"select * from ({SOMMES})").fetchall() == []


@pytest.mark.parametrize(("etat", "told"), [("publiable", True), ("secondaire", False)])
def test_a_line_has_no_figure_where_the_one_of_a_place_is_masked(etat: str, told: bool) -> None:
    CON.execute(TABLES)
    CON.execute(
        "insert into int_masques values (?, '2015', 'nb', '2020', 'publiable'),"
        " ('EPCI:1', '', 'nb', '2020', 'publiable'), ('EPCI:2', '', 'nb', '2020', ?)",
        [SET, etat],
    )
    hidden = CON.execute(f"select code_territoire, code_indicateur from ({SECRETS})").fetchall()
    assert hidden == ([] if told else [(SET, "nb")])
