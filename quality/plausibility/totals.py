"""P01 to P04: parts and wholes, in counts printed, implied by an evolution, or by a rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from quality.plausibility.findings import Finding, fr
from quality.plausibility.query import finding, name, rows
from quality.plausibility.rules import SOMME_ESTIMEE, Severite

_INCLUS = """
with depasse as (
    select p.compte, p.periode, i.partie, i.tout, i.certaine, p.origine as partie_origine,
        w.origine as tout_origine, p.preuve as partie_preuve, w.preuve as tout_preuve,
        p.via as partie_via, w.via as tout_via, list_concat(p.ou, w.ou) as ou
    from inclusion as i
    join compte as p on p.t = i.partie
    join compte as w on w.t = i.tout and w.compte = p.compte and w.periode = p.periode
    where p.bas > w.haut + 1e-6
),
-- How much each side changed from that date, where that date is the start of an evolution.
parti as (
    select e.t, d.num as compte, e.comparaison as periode, max(abs(e.valeur)) as variation
    from chiffre as e join definition as d using (indicateur)
    where e.grandeur = 'evolution_pct' and e.valeur is not null and d.den is null
    group by all
)
select x.compte, x.periode, x.certaine, x.partie_preuve, x.tout_preuve, x.ou,
    tp.code as partie, tw.code as tout,
    case when 'deduit' in (partie_origine, tout_origine) then 'P03'
        when 'base' in (partie_origine, tout_origine) or w.t is not null or p.t is not null
        then 'P02' else 'P01' end as regle,
    if(regle = 'P02', 'evolution_nb', 'niveau') as grandeur,
    -- The start at fault is that of the side which changed the most.
    case when regle = 'P02' and coalesce(p.variation, 0) > coalesce(w.variation, 0)
        then tp.code else tw.code end as territoire,
    case when partie_origine = 'deduit' then partie_via[-1]
        when tout_origine in ('base', 'deduit') then tout_via[-1] else partie_via[1]
    end as indicateur
from depasse as x
join territoire as tp on tp.t = x.partie
join territoire as tw on tw.t = x.tout
left join parti as p on p.t = x.partie and p.compte = x.compte and p.periode = x.periode
left join parti as w on w.t = x.tout and w.compte = x.compte and w.periode = x.periode
order by regle, x.compte, tout, partie
"""

#: What is not in the numerator: (1 − rate) × denominator, of the part and of the whole. A rate that
#: may pass 100 leaves out nothing that can be counted.
_RESTES = """
with reste as (
    select s.t, s.indicateur, s.periode, s.valeur, s.ou, k.centre, k.ou as ou_den,
        (1 - s.haut / 100) * k.bas as bas, (1 - s.bas / 100) * k.haut as haut
    from chiffre as s
    join definition as d using (indicateur)
    join compte as k on k.t = s.t and k.compte = d.den and k.periode = s.periode
    where s.grandeur = 'niveau' and s.complet and s.valeur is not null and d.type = 'part'
        and d.facteur = 100 and d.maximum <= 100
)
select p.indicateur, p.periode, tp.code as partie, tw.code as territoire, i.certaine,
    p.valeur as partie_taux, p.centre as partie_den, w.valeur as tout_taux, w.centre as tout_den,
    list_concat([p.ou, w.ou], list_concat(p.ou_den, w.ou_den)) as ou
from inclusion as i
join reste as p on p.t = i.partie
join reste as w on w.t = i.tout and w.indicateur = p.indicateur and w.periode = p.periode
join territoire as tp on tp.t = i.partie
join territoire as tw on tw.t = i.tout
where p.bas > w.haut + 1e-6
order by all
"""

_SOMMES = """
with borne as (
    select k.t, d.num as compte, k.periode, min(k.haut) as haut, arg_min(k.preuve, k.haut) as preuve
    from definition as d
    join compte as k on k.compte = d.den
    where d.type = 'part' and d.facteur = 100 and d.num is not null
    group by all
),
parties as (
    select q.tout, w.compte, w.periode, any_value(w.centre) as total, any_value(w.bas) as total_bas,
        any_value(w.haut) as total_haut, any_value(w.via) as via, any_value(w.origine) as origine,
        any_value(w.preuve) as preuve, any_value(w.ou) as ou,
        count(k.t) as connues, count(*) - count(k.t) as masquees,
        coalesce(sum(k.bas), 0) as bas, coalesce(sum(k.haut), 0) as haut,
        coalesce(sum(k.centre), 0) as somme,
        sum(case when k.t is null then coalesce(b.haut, 'infinity'::double) end) as plafond,
        sum(case when k.t is null then b.haut end) as plafond_connu
    from partition as q
    join compte as w on w.t = q.tout and w.origine in ('lu', 'deduit')
    left join compte as k on k.t = q.partie and k.compte = w.compte and k.periode = w.periode
        and k.origine in ('lu', 'deduit', 'somme')
    left join borne as b on b.t = q.partie and b.compte = w.compte and b.periode = w.periode
    group by q.tout, w.compte, w.periode
)
select t.code as territoire, p.* exclude (tout), p.via[-1] as indicateur, total - somme as reste,
    compte in (from estimee) as estime
from parties as p join territoire as t on t.t = p.tout
where connues > 0 and (
    masquees = 0 and (bas > total_haut + 1e-6 or haut < total_bas - 1e-6)
    or masquees > 0 and (bas > total_haut + 1e-6 or total_bas - haut > plafond + 1e-6)
)
order by all
"""

_EVOLUTIONS = """
select t.code as territoire, w.indicateur, w.periode, w.grandeur, w.valeur as total,
    sum(e.valeur) as somme,
    count(*) as connues, [any_value(w.ou)] as ou
from partition as q
join chiffre as w on w.t = q.tout and w.grandeur = 'evolution_nb' and w.valeur is not null
join definition as d on d.indicateur = w.indicateur and d.agregation = 'somme'
join territoire as t on t.t = q.tout
left join chiffre as e on e.t = q.partie and e.indicateur = w.indicateur
    and e.periode = w.periode and e.grandeur = 'evolution_nb'
group by all
having count(*) = count(e.valeur)
    and (sum(e.bas) > any_value(w.haut) + 1e-6 or sum(e.haut) < any_value(w.bas) - 1e-6)
order by all
"""


def part_within_whole(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P01, P02, P03: no count of a part is above that of what contains it."""
    for row in rows(con, _INCLUS):
        base = "le départ de son évolution" if row.regle == "P02" else "son effectif"
        text = (
            f"{base} en est plus petit ({name(con, row.indicateur)}) : {row.tout_preuve}, contre "
            f"{row.partie_preuve}"
        )
        yield _within(con, row.regle, row, row.tout, text)


def rest_within_whole(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P03: what the rate leaves out in the part is not above what it leaves out in the whole."""
    for row in rows(con, _RESTES):
        inner = (100 - row.partie_taux) * row.partie_den / 100
        outer = (100 - row.tout_taux) * row.tout_den / 100
        text = (
            f"ce que le taux laisse de côté y est plus petit ({name(con, row.indicateur)}) : "
            f"{fr(100 - row.tout_taux, 1)} % × {fr(row.tout_den)} = {fr(outer)}, contre "
            f"{fr(100 - row.partie_taux, 1)} % × {fr(row.partie_den)} = {fr(inner)}"
        )
        yield _within(con, "P03", row, row.territoire, text)


def sum_of_parts(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P04: the total is the sum of its parts; masked parts hold the difference, or cannot."""
    for row in rows(con, _SOMMES):
        known = f"la somme des {row.connues} parties connues est {fr(row.somme)}"
        if row.masquees == 0:
            share = fr(100 * abs(row.reste) / row.total, 1)
            text = f"le total est {row.preuve}, {known} : {fr(row.reste)} d'écart, {share} %"
        elif row.reste < 0:
            text = (
                f"le total est {row.preuve}, {known} : il reste {fr(row.reste)} pour "
                f"{row.masquees} masquées"
            )
        else:
            text = (
                f"{fr(row.total)} − {fr(row.somme)} = {fr(row.reste)} pour les {row.masquees} "
                f"parties masquées, qui ne peuvent en contenir que {fr(row.plafond)}"
            )
        yield finding(con, "P04", row, text, severite=_of_estimates(row))
    for row in rows(con, _EVOLUTIONS):
        text = (
            f"l'évolution est {fr(row.total)}, la somme de celles des {row.connues} parties "
            f"{fr(row.somme)}"
        )
        yield finding(con, "P04", row, text)


def _within(con: duckdb.DuckDBPyConnection, regle: str, row: Any, tout: str, texte: str) -> Finding:
    """A part above its whole; certain where no QPV of the part can lie outside it."""
    overflow = "" if row.certaine else " ; à moins que des QPV débordent de l'EPCI d'autant"
    return finding(
        con,
        regle,
        row,
        texte + overflow,
        sujet=f"{tout} contient {row.partie}, et ",
        severite=None if row.certaine else "a_verifier",
    )


def _of_estimates(row: Any) -> Severite | None:
    """A survey estimates a set by itself: a small gap with its parts' estimates is its noise."""
    if not row.estime:
        return None
    within = abs(row.reste) <= SOMME_ESTIMEE * row.total
    return "information" if within else "a_verifier"
