"""Real figures of one département taken as confidential: what is masked holds, each slip is found.

National trials: `tests.bench.bench_secrecy_national`.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import duckdb
import pytest

from quality.disclosure.audit.verdict import Audit
from quality.secrecy.release.release_attack import audit_release
from tests.fixtures.as_if_confidential import SOMMES, Trial, as_if_confidential
from warehouse.declared.dictionary import load_dictionary

#: Twelve quarters in five EPCI, two of which have one quarter each.
DEPARTEMENT = "26"
DICTIONARY = load_dictionary()

#: Masked figures of quarters, each with the value that the build knows and the state of its count.
_HIDDEN = """
with formule as (
    select code_indicateur, any_value(terme) filter (cote = 'num') as num,
        any_value(terme) filter (cote = 'den') as den, any_value(facteur) as facteur
    from build.edition.termes join build.edition.indicateurs using (code_indicateur)
    group by all
    having count(*) filter (cote = 'num') = 1 and count(*) filter (cote = 'den') <= 1
        and bool_and(coefficient = 1)
)
select f.code_territoire, f.code_indicateur, f.periode,
    x.facteur * n.valeur / coalesce(d.valeur, 1), k.etat, x.den is not null as est_part,
    coalesce(kd.etat, 'publiable') as etat_den
from fct_indicateur as f
join formule as x using (code_indicateur)
join build.intermediate.int_mesures_lues as n
    on n.code_territoire = f.code_territoire and n.mesure = x.num and n.periode = f.periode
join build.intermediate.int_masques as k
    on k.code_territoire = n.code_territoire and k.mesure = n.mesure and k.periode = n.periode
left join build.intermediate.int_mesures_lues as d
    on d.code_territoire = f.code_territoire and d.mesure = x.den and d.periode = n.periode
left join build.intermediate.int_masques as kd
    on kd.code_territoire = d.code_territoire and kd.mesure = d.mesure and kd.periode = d.periode
where f.statut = 'secret' and f.code_territoire like 'QP0%'
    and x.facteur = if(x.den is null, 1, 100)
order by all
"""

#: Hidden evolutions of a count of which one period is primary, and the other is printed.
_CHANGES = """
select e.code_territoire, e.code_indicateur, e.periode, e.periode_comparaison,
    n.valeur - c.valeur
from fct_evolution as e
join build.edition.termes as x using (code_indicateur)
join build.edition.indicateurs as i using (code_indicateur)
join build.intermediate.int_mesures_lues as n
    on n.code_territoire = e.code_territoire and n.mesure = x.terme and n.periode = e.periode
join build.intermediate.int_mesures_lues as c
    on c.code_territoire = e.code_territoire and c.mesure = x.terme
    and c.periode = e.periode_comparaison
join build.intermediate.int_masques as kn
    on kn.code_territoire = e.code_territoire and kn.mesure = x.terme and kn.periode = e.periode
join build.intermediate.int_masques as kc
    on kc.code_territoire = e.code_territoire and kc.mesure = x.terme
    and kc.periode = e.periode_comparaison
where i.type = 'effectif' and e.statut = 'secret' and e.code_territoire like 'QP0%'
    and (select count(*) from build.edition.termes as t
        where t.code_indicateur = e.code_indicateur) = 1
    and (kn.etat, kc.etat) in (('primaire', 'publiable'), ('publiable', 'primaire'))
order by all
"""


@pytest.fixture(scope="module")
def trial(national_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """Made from the build database that lies beside the national release."""
    build = national_release.parents[1] / "build" / "warehouse.duckdb"
    home = tmp_path_factory.mktemp("confidentiel")
    return as_if_confidential(build, home, departements=[DEPARTEMENT])


def attacked(trial: Trial, home: Path, statement: str = "", *values: object) -> Audit:
    """The audit of the trial's draft, once this statement has changed it."""
    draft = shutil.copy(trial.brouillon / "qpv.duckdb", home)
    if statement:
        with duckdb.connect(str(draft)) as con:
            assert con.execute(statement, values).fetchone() == (1,)
    return audit_release(
        home, trial.regles, dictionnaire=DICTIONARY, seuls=trial.seuls, sommes=SOMMES
    )


def misses(trial: Trial, found: Audit) -> list[str]:
    """What outsiders find, and primary counts that the only unit of another one finds."""
    return [c.nom for c in found.exposes if c.moyen != "initie" or c.nom in trial.primaires]


def query(trial: Trial, sql: str) -> list[tuple]:
    with duckdb.connect(str(trial.brouillon / "qpv.duckdb"), read_only=True) as con:
        con.execute(f"attach '{trial.layout.warehouse_db}' as build (read_only)")
        return con.execute(sql).fetchall()


def test_what_is_masked_holds(trial: Trial, tmp_path: Path) -> None:
    primary, secondary = trial.etats["primaire"][0], trial.etats["secondaire"][0]
    assert primary > 40 and 0 < secondary < 2 * primary
    assert "non_protegee" not in trial.etats and not trial.completes.impossibles
    found = attacked(trial, tmp_path)
    assert found.cases > primary and not found.contradictions
    assert misses(trial, found) == []


def test_no_sum_of_epci_is_made_of_what_is_under_an_agreement(trial: Trial) -> None:
    """Its EPCI have figures that would all add up: the release tells no sum of them."""
    [(could, told)] = query(
        trial,
        """
        with lieux as (
            select distinct code_territoire, code_lieu
            from build.intermediate.int_lieux_reunis where est_complet
        )
        select
            (select count(*) from (
                select m.mesure, m.periode from build.intermediate.int_mesures_lues as m
                join lieux as l on l.code_lieu = m.code_territoire
                join build.edition.secrets as s using (source_id, bloc, mesure)
                where m.statut = 'diffuse' and s.acces = 'convention' group by all
                having count(*) = (select count(*) from lieux))),
            (select count(*) from build.intermediate.int_mesures_reunies
                join build.edition.secrets as s using (source_id, bloc, mesure)
                where s.acces <> 'publique')
        """,
    )
    assert could > 5 and told == 0


@pytest.mark.parametrize(
    ("slip", "drawn", "least"),
    [("primaire", 1, 3), ("secondaire", 2, 3), ("taux", 2, 3), ("évolution", 2, 2)],
)
def test_one_more_figure_is_found(
    trial: Trial, tmp_path: Path, slip: str, drawn: int, least: int
) -> None:
    """Drawn at random: a count told again, the rate or the evolution of a primary one."""
    if slip == "évolution":
        statement = (
            "update fct_evolution set statut = 'diffuse', evolution_nb = $5 "
            "where code_territoire = $1 and code_indicateur = $2"
            " and periode = $3 and periode_comparaison = $4"
        )
        slips = query(trial, _CHANGES)
    else:
        statement = (
            "update fct_indicateur set statut = 'diffuse', valeur = $4 "
            "where code_territoire = $1 and code_indicateur = $2 and periode = $3"
        )
        state = "primaire" if slip == "taux" else slip
        slips = [
            (code, indicateur, periode, valeur)
            for code, indicateur, periode, valeur, etat, est_part, etat_den in query(trial, _HIDDEN)
            if etat == state and est_part == (slip == "taux") and etat_den == "publiable"
        ]
    assert len(slips) >= least
    for values in random.Random(slip).sample(slips, drawn):
        assert misses(trial, attacked(trial, tmp_path, statement, *values)), values
