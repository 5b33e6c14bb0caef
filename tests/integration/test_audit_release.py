"""The audit of a real draft: the sample as it is, and once one of its figures is masked."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.partitions import REGISTRY
from quality.secrecy.release.release_attack import audit_release
from quality.secrecy.release.source_rules import ReglesDesSources, RegleSource
from warehouse.declared.sommes import somme_rows

SOMMES = somme_rows(REGISTRY.sommes)

#: Sets of quarters whose count is printed with that of each quarter.
_WHOLE = """
with parts as (
    select p.code_epci, f.code_indicateur, f.periode, count(*) as n, min(f.code_territoire) as q,
        arg_min(f.valeur, f.code_territoire) as v, any_value(f.source_id) as source
    from fct_indicateur as f
    join dim_indicateur as i using (code_indicateur)
    join pont_qpv_epci as p on p.code_qpv = f.code_territoire and p.perimetre = f.perimetre
    where f.statut = 'diffuse' and i.type = 'effectif' and i.agregation = 'somme' and f.valeur > 0
    group by all
)
select parts.code_indicateur, parts.q, parts.periode, parts.v, parts.source from parts
join fct_indicateur as e
    on e.code_territoire = 'QPV@EPCI:' || parts.code_epci and e.statut = 'diffuse'
    and e.code_indicateur = parts.code_indicateur and e.periode = parts.periode
where n = 13 and e.valeur > 0 and parts.code_indicateur in (
    select code_indicateur from dim_indicateur where formule not like '%+%')
order by 1, 3
"""


def test_the_sample_passes(sample_release: Path) -> None:
    found = audit_release(sample_release, ReglesDesSources(), sommes=SOMMES)
    assert [c.nom for c in found.exposes] == []
    # France Travail: foreigners are 4.6 % of 10 050 in the EPCI, 462, and 8.2 % of 7 601 in its
    # quarters, 623. A part above its whole: the attacker can use one of the two only.
    left_out = "somme des quartiers : ft_defm_abc_etrangers, QPV@EPCI:200042190, 2021-12-31"
    assert found.contradictions == [left_out]


def test_a_quarter_masked_alone_is_found_to_the_unit(sample_release: Path, tmp_path: Path) -> None:
    base = tmp_path / "qpv.duckdb"
    shutil.copy(sample_release / "qpv.duckdb", base)
    base.chmod(0o644)
    with duckdb.connect(str(base)) as con:
        code, quarter, period, value, source = con.execute(_WHOLE).fetchall()[0]
        con.execute(
            "update fct_indicateur set valeur = null, statut = 'secret' "
            "where code_indicateur = ? and code_territoire = ? and periode = ?",
            [code, quarter, period],
        )
    regles = ReglesDesSources(sources={source: RegleSource(nature="convention")})
    found = audit_release(tmp_path, regles, sommes=SOMMES)
    # Its rates, its evolutions and its ranks are still printed, too.
    assert any(c.moyen == "imprime" and "(fait de " in c.nom for c in found.exposes)
    [constat] = [c for c in found.exposes if quarter in c.nom and c.moyen != "imprime"]
    assert (constat.bas, constat.haut) == pytest.approx((value, value), abs=1e-3)
    assert any("QPV@EPCI" in name or "publi" in name for name in constat.relations)
