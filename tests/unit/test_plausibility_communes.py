"""Counts about the communes of a quarter: what cannot be theirs is found, and taken out alone."""

from __future__ import annotations

import duckdb
import pytest

from ingest.registry import load_registry
from quality.plausibility.commune_totals import one_figure_per_communes, part_of_communes
from quality.plausibility.corpus import ChiffreJuge, TerritoireJuge, fill, open_corpus
from quality.plausibility.findings import Finding
from quality.plausibility.withhold import withheld, withhold
from warehouse.declared.dictionary import load_dictionary

HABITANTS, EN_QPV = "pop_communes", "pop_qpv_des_communes"
INDICATEURS = {HABITANTS: "pop_communes_du_qpv", EN_QPV: "pop_qpv_des_communes"}
DICTIONARY, ESTIMEES = load_dictionary(), load_registry().estimees


def corpus(*quarters: tuple[str, str, int, int]) -> duckdb.DuckDBPyConnection:
    """(quarter, its communes, their people, their people in QPV) as figures of 2013."""
    con = open_corpus(DICTIONARY, ESTIMEES)
    fill(con, "territoire", [TerritoireJuge(t, t, "2015", "qpv") for t, *_ in quarters])
    for t, noms, *figures in quarters:
        for mesure, valeur in zip((HABITANTS, EN_QPV), figures, strict=True):
            one = ChiffreJuge(
                t,
                INDICATEURS[mesure],
                "2013",
                None,
                "niveau",
                valeur,
                valeur,
                valeur,
                f"{t} {mesure}",
            )
            fill(con, "chiffre", [one])
            communes = [(t, mesure, HABITANTS, "2013", n, n) for n in noms.split("+")]
            fill(con, "communes", communes)
    return con


def found(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    findings = [*part_of_communes(con), *one_figure_per_communes(con)]
    return [(f.regle, f.territoire, f.indicateur) for f in findings]


def test_neighbours_of_the_same_communes_carry_the_same_figures() -> None:
    sound = [("A", "Argenteuil", 106817, 35678), ("B", "Argenteuil", 106817, 35678)]
    assert found(corpus(*sound)) == []
    # Other communes, other figures.
    assert found(corpus(*sound, ("C", "Bezons", 27855, 2316))) == []
    odd = ("C", "Argenteuil", 106817, 37994)
    assert found(corpus(*sound, odd)) == [("P15", "C", "pop_qpv_des_communes")]
    # Two and two: nobody can say which.
    undecided = [*sound, odd, ("D", "Argenteuil", 106817, 37994)]
    assert {t for _, t, _ in found(corpus(*undecided))} == set("ABCD")


def test_the_figure_of_several_communes_is_the_sum_of_theirs() -> None:
    single = [("A", "Argenteuil", 106817, 35678), ("B", "Douai", 41189, 8747)]
    assert found(corpus(*single, ("C", "Argenteuil+Douai", 148006, 44425))) == []
    wrong = corpus(*single, ("C", "Argenteuil+Douai", 148006, 35678))
    assert found(wrong) == [("P15", "C", "pop_qpv_des_communes")]
    [finding] = one_figure_per_communes(wrong)
    said = finding.phrase.replace("\u202f", " ")
    assert (
        "35 678 pour Argenteuil, Douai, dont les chiffres dans le même fichier font 44 425" in said
    )
    # One of the communes has no quarter of its own: nothing is known of the sum.
    assert found(corpus(single[0], ("C", "Argenteuil+Douai", 148006, 35678))) == []


@pytest.mark.parametrize(("in_quarters", "findings"), [(103273, 0), (103274, 1), (119294, 1)])
def test_people_in_quarters_are_people_of_the_communes(in_quarters: int, findings: int) -> None:
    con = corpus(("A", "Bobigny+Pantin", 103273, in_quarters))
    assert found(con) == [("P14", "A", "pop_qpv_des_communes")] * findings


MARTS = """
create schema marts; create schema edition;
create table edition.communes as select 'pop_communes' as mesure;
create table edition.termes as from (values
    ('pop_communes_du_qpv', 'pop_communes'), ('part_population_communes', 'pop_municipale'),
    ('part_population_communes', 'pop_communes'), ('population_municipale', 'pop_municipale'),
) as t(code_indicateur, terme);
create table marts.fct_indicateur as
select code_territoire, code_indicateur, periode, 1.0 as valeur, 'diffuse' as statut,
    null::varchar as motif
from (select distinct code_indicateur from edition.termes),
    (values ('A'), ('B')) as q(code_territoire),
    (values ('2013'), ('2018')) as p(periode);
create table marts.fct_evolution as
select code_territoire, code_indicateur, '2018' as periode, '2013' as periode_comparaison,
    1.0 as evolution_nb, 1.0 as evolution_pct, 1.0 as evolution_pts, 'diffuse' as statut,
    'comparable' as comparabilite, null::varchar as motif
from marts.fct_indicateur where periode = '2018';
create table marts.fct_ecart as
select *, code_territoire as code_reference, '2018' as periode, '2013' as periode_comparaison
from (select distinct code_territoire, code_indicateur from marts.fct_indicateur);
"""


def test_what_is_made_of_an_impossible_figure_leaves_and_nothing_else() -> None:
    con = duckdb.connect()
    con.execute(MARTS)
    impossible = Finding(
        "P15", "bloquant", "A", "pop_communes_du_qpv", "2013", "niveau", "Deux chiffres."
    )
    assert withheld([impossible]) == [impossible]
    withhold(con, [impossible])
    out = con.sql(
        "select code_territoire, code_indicateur, periode, statut, motif from marts.fct_indicateur"
        " where valeur is null order by 2"
    ).fetchall()
    why = "retiré par la règle P15 : Deux chiffres"
    assert out == [
        ("A", "part_population_communes", "2013", "sans_objet", why),
        ("A", "pop_communes_du_qpv", "2013", "sans_objet", why),
    ]
    out = con.sql(
        "select code_territoire, code_indicateur, statut, comparabilite from marts.fct_evolution"
        " where evolution_nb is null order by 2"
    ).fetchall()
    assert out == [
        ("A", "part_population_communes", "non_comparable", "non_comparable"),
        ("A", "pop_communes_du_qpv", "non_comparable", "non_comparable"),
    ]
    left = con.sql(
        "select distinct code_territoire, code_indicateur from marts.fct_ecart"
    ).fetchall()
    assert {*left} == {
        ("A", "population_municipale"),
        *(("B", code) for code in ("part_population_communes", "pop_communes_du_qpv")),
        ("B", "population_municipale"),
    }
