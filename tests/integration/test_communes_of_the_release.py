"""Evolutions of a national release about the communes of a quarter: never of two lists of them.

What is expected is read from the raw files by `tests.fixtures.raw_demo`, not by the product.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from tests.fixtures.raw_demo import INDICATEURS, editions, of_other_communes


def test_no_published_evolution_sets_two_lists_of_communes_side_by_side(
    national_release: Path, all_extracts: tuple[Path, ...]
) -> None:
    """Whatever the indicator: where quarters of one commune share its change, the figure is about
    the commune, and no quarter of another list of communes has one."""
    raw = editions(all_extracts)
    other_communes = of_other_communes(all_extracts, raw)
    alone = [(q, row.noms[0]) for q, row in raw["2022"].items() if len(row.noms) == 1]
    with duckdb.connect(str(national_release / "qpv.duckdb"), read_only=True) as con:
        con.execute("create temp table seules (code_territoire text, commune text)")
        con.executemany("insert into seules values (?, ?)", alone)
        rows = con.sql(
            "with e as (select *, coalesce(evolution_nb, evolution_pts) as v from fct_evolution"
            "  where type_territoire = 'qpv' and statut = 'diffuse'),"
            " c as (select code_indicateur, substr(code_territoire, 1, 5) || commune as c,"
            "  count(distinct v) as n from e join seules using (code_territoire)"
            "  where abs(v) >= 20 group by 1, 2 having count(*) >= 2)"
            " select code_indicateur from c group by 1"
            " having avg((n = 1)::int) > 0.5 and count(*) >= 20"
        ).fetchall()
        about = {code for (code,) in rows}
        shown = con.execute(
            "select distinct code_territoire from fct_evolution where statut = 'diffuse'"
            " and list_contains(?, code_indicateur)",
            [sorted(INDICATEURS)],
        ).fetchall()
        changes = con.sql(
            "select e.code_territoire, e.evolution_nb, f.millesime from fct_evolution e"
            " join fct_indicateur f on f.code_territoire = e.code_territoire"
            " and f.code_indicateur = e.code_indicateur and f.periode = e.periode_comparaison"
            " where e.code_indicateur = 'pop_communes_du_qpv' and e.statut = 'diffuse'"
        ).fetchall()
    assert about and about <= {"pop_communes_du_qpv", "pop_qpv_des_communes"}
    assert len(changes) > 1200
    assert {code for (code,) in shown} == {code for code, *_ in changes}
    for quarter, change, millesime in changes:
        base = raw[millesime][quarter].communes
        assert quarter not in other_communes or base != raw["2017"][quarter].communes
        assert change == raw["2022"][quarter].communes - base
