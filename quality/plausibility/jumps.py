"""P07, P10, P11: levels and changes, jumps, one figure with two values."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from quality.plausibility.findings import Finding, fr, signed
from quality.plausibility.query import finding, rows
from quality.plausibility.rules import SAUT_ECARTS, SAUT_QPV

#: A level, its change and its change in %: the last may be missing from the table.
_POURCENTS = """
select t.code as territoire, n.indicateur, n.periode, 'evolution_pct' as grandeur,
    n.valeur as niveau, e.valeur as nb, p.valeur as pct, n.valeur - e.valeur as base,
    100 * e.valeur / (n.valeur - e.valeur) as obtenu, [p.ou, n.ou, e.ou] as ou
from chiffre as n
join chiffre as e on e.t = n.t and e.indicateur = n.indicateur and e.periode = n.periode
    and e.grandeur = 'evolution_nb'
join chiffre as p on p.t = n.t and p.indicateur = n.indicateur and p.periode = n.periode
    and p.grandeur = 'evolution_pct' and p.comparaison = e.comparaison
join territoire as t on t.t = n.t
left join definition as d on d.indicateur = n.indicateur
where n.grandeur = 'niveau' and if(p.valeur is null,
    d.type = 'effectif' and n.valeur > e.valeur,
    n.bas > e.haut
    and (100 * least(e.bas / (n.bas - e.haut), e.bas / (n.haut - e.bas)) > p.haut + 1e-6
        or 100 * greatest(e.haut / (n.bas - e.haut), e.haut / (n.haut - e.bas)) < p.bas - 1e-6))
order by pct is null, territoire, indicateur, periode
"""

_DIFFERENCES = """
select t.code as territoire, n.indicateur, n.periode, e.grandeur, n.valeur as niveau,
    b.valeur as base, e.valeur as evolution, n.valeur - b.valeur as obtenu,
    [e.ou, n.ou, b.ou] as ou, d.type
from chiffre as n
join chiffre as e on e.t = n.t and e.indicateur = n.indicateur and e.periode = n.periode
    and e.grandeur in ('evolution_nb', 'evolution_pts')
join chiffre as b on b.t = n.t and b.indicateur = n.indicateur and b.periode = e.comparaison
    and b.grandeur = 'niveau'
join definition as d on d.indicateur = n.indicateur
join territoire as t on t.t = n.t
where n.grandeur = 'niveau'
    and (n.bas - b.haut > e.haut + 1e-6 or n.haut - b.bas < e.bas - 1e-6)
order by all
"""

_DEPARTS = """
select t.code as territoire, n.indicateur, n.periode, e.grandeur, n.valeur as niveau,
    e.valeur as evolution, n.valeur - e.valeur as base, [e.ou, n.ou] as ou, d.type
from chiffre as n
join chiffre as e on e.t = n.t and e.indicateur = n.indicateur and e.periode = n.periode
    and e.grandeur in ('evolution_nb', 'evolution_pts')
join definition as d on d.indicateur = n.indicateur
join territoire as t on t.t = n.t
where n.grandeur = 'niveau' and d.type in ('effectif', 'part')
    and (n.haut - e.bas < d.minimum - 1e-6 or n.bas - e.haut > d.maximum + 1e-6)
order by all
"""

_SAUTS = f"""
with evolution as (
    select e.t, t.code, t.perimetre, t.type, e.indicateur, e.periode, e.grandeur, e.valeur, e.ou,
        -- A count of n varies by about its square root from one date to the next by chance alone.
        case when e.grandeur = 'evolution_pct' and n.valeur > 0 and e.valeur > -100
            then 1e4 * (1 + e.valeur / 100) * (2 + e.valeur / 100) * (1 + e.valeur / 100)
                / n.valeur else 0 end as hasard
    from chiffre as e
    join definition as d using (indicateur)
    join territoire as t on t.t = e.t
    left join chiffre as n on n.t = e.t and n.indicateur = e.indicateur and n.periode = e.periode
        and n.grandeur = 'niveau'
    where e.valeur is not null and not d.den_ensemble
        and (e.grandeur = 'evolution_pct' and d.type = 'effectif'
        or e.grandeur = 'evolution_pts' and d.type = 'part'
        or e.grandeur = 'evolution_nb' and d.type in ('indice', 'ratio', 'montant'))
),
centre as (
    select indicateur, periode, grandeur, median(valeur) as milieu, mad(valeur) as ecart,
        min(valeur) as plus_petit, max(valeur) as plus_grand, count(*) as n
    from evolution where type = 'qpv' group by all having count(*) >= {SAUT_QPV}
)
select e.* exclude (ou), e.code as territoire, [e.ou] as ou, milieu,
    sqrt((1.4826 * ecart) ** 2 + hasard) as echelle, plus_petit, plus_grand, n,
    abs(e.valeur - milieu) / sqrt((1.4826 * ecart) ** 2 + hasard) as ecarts
from evolution as e join centre using (indicateur, periode, grandeur)
where ecart > 0 and abs(e.valeur - milieu) > {SAUT_ECARTS} * sqrt((1.4826 * ecart) ** 2 + hasard)
order by e.indicateur, e.periode, e.code
"""

#: Where each stands is read of those alone that differ.
_DOUBLES = """
with double as (
    select t, indicateur, periode, comparaison, grandeur, min(valeur) as un, max(valeur) as deux
    from chiffre where valeur is not null
    group by all having max(bas) > min(haut) + 1e-6
)
select t.code as territoire, d.indicateur, d.periode, d.grandeur, any_value(d.un) as un,
    any_value(d.deux) as deux, list(c.ou order by c.ou) as ou
from double as d
join chiffre as c on c.t = d.t and c.indicateur = d.indicateur and c.periode = d.periode
    and c.comparaison is not distinct from d.comparaison and c.grandeur = d.grandeur
    and c.valeur is not null
join territoire as t on t.t = d.t
group by t.code, d.t, d.indicateur, d.periode, d.comparaison, d.grandeur
order by all
"""


def changes_agree(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P07: the level, its change and its change in % say the same, and imply a possible start."""
    for row in rows(con, _POURCENTS):
        if row.pct is None:
            text = (
                f"l'évolution en % manque, alors que {signed(row.nb)} ÷ {fr(row.base)} = "
                f"{signed(row.obtenu, 1)} %"
            )
            yield finding(con, "P07", row, text, severite="information")
            continue
        text = (
            f"{signed(row.pct, 1)} % alors que {signed(row.nb)} ÷ ({fr(row.niveau)} − "
            f"({signed(row.nb)})) = {signed(row.nb)} ÷ {fr(row.base)} = {signed(row.obtenu, 2)} %"
        )
        yield finding(con, "P07", row, text)
    for row in rows(con, _DIFFERENCES):
        shown = 1 if row.type == "part" else 0
        text = (
            f"{signed(row.evolution, shown)} alors que {fr(row.niveau, shown)} − "
            f"{fr(row.base, shown)} = {signed(row.obtenu, shown)}"
        )
        yield finding(con, "P07", row, text)
    for row in rows(con, _DEPARTS):
        shown = 1 if row.type == "part" else 0
        text = (
            f"{fr(row.niveau, shown)} après une évolution de {signed(row.evolution, shown)} "
            f"suppose un départ de {fr(row.base, shown)}, impossible"
        )
        yield finding(con, "P07", row, text)


def jumps(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P10: a change far beyond what the QPV's changes are."""
    for row in rows(con, _SAUTS):
        text = (
            f"{signed(row.valeur, 1)}, alors que celles des {row.n} QPV vont de "
            f"{signed(row.plus_petit, 1)} à {signed(row.plus_grand, 1)} (médiane "
            f"{signed(row.milieu, 1)}) : {fr(abs(row.valeur - row.milieu), 1)} ÷ "
            f"{fr(row.echelle, 1)} = {fr(row.ecarts, 1)} écarts types"
        )
        yield finding(con, "P10", row, text)


def one_value(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P11: the same figure, printed twice, is the same."""
    for row in rows(con, _DOUBLES):
        yield finding(con, "P11", row, f"imprimé {fr(row.un, 1)} et {fr(row.deux, 1)}")
