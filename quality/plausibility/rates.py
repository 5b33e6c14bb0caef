"""P05, P06, P08, P09, P12, P13: a rate beside its parts, its terms, its complement."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from quality.plausibility.findings import Finding, fr
from quality.plausibility.query import finding, name, rows
from quality.plausibility.rules import Severite
from warehouse.domain.types_territoire import sets, wholes

_EXTREMES = """
select t.code as territoire, w.indicateur, w.periode, w.grandeur, w.valeur,
    min(e.valeur) as plus_petit, max(e.valeur) as plus_grand, count(*) as connues,
    [any_value(w.ou)] as ou, any_value(d.arrondi) as arrondi
from partition as q
join chiffre as w on w.t = q.tout and w.valeur is not null
join definition as d on d.indicateur = w.indicateur
join territoire as t on t.t = q.tout
left join chiffre as e on e.t = q.partie and e.indicateur = w.indicateur
    and e.periode = w.periode and e.grandeur = w.grandeur
where not d.den_ensemble and (
    w.grandeur = 'niveau' and d.type in ('part', 'ratio', 'montant')
    or w.grandeur = 'evolution_pct' and d.agregation = 'somme')
group by t.code, w.indicateur, w.periode, w.grandeur, w.valeur, w.bas, w.haut
having count(*) = count(e.valeur) and (w.haut < min(e.bas) - 1e-6 or w.bas > max(e.haut) + 1e-6)
order by all
"""

#: What the masked parts must hold for the set's rate to be true; shares of the known parts beside.
_MASQUES = """
with terme as (
    select s.t, s.indicateur, s.periode, s.valeur, s.bas, s.haut, n.bas as n_bas, n.haut as n_haut,
        n.centre as n, s.ou
    from chiffre as s
    join definition as d using (indicateur)
    join compte as n on n.t = s.t and n.compte = d.num and n.periode = s.periode
    where s.grandeur = 'niveau' and s.complet and d.type = 'part' and d.facteur = 100
        and not d.den_ensemble
),
ensemble as (
    select q.tout, w.indicateur, w.periode, any_value(w.valeur) as taux, any_value(w.bas) as bas,
        any_value(w.haut) as haut, any_value(w.n_bas) as n_bas, any_value(w.n_haut) as n_haut,
        any_value(dt.centre) as den, [any_value(w.ou)] as ou,
        sum(k.n) as connu, sum(k.n_bas) as connu_bas, sum(k.n_haut) as connu_haut,
        min(k.bas) as plus_petit, max(k.haut) as plus_grand,
        min(k.valeur) as vu_petit, max(k.valeur) as vu_grand, count(k.t) as connues,
        count(*) - count(k.t) as masquees,
        sum(case when k.t is null then dp.centre end) as den_masque,
        count(dp.t) = count(*) as complet
    from partition as q
    join terme as w on w.t = q.tout
    join definition as d on d.indicateur = w.indicateur
    join compte as dt on dt.t = q.tout and dt.compte = d.den and dt.periode = w.periode
    left join compte as dp on dp.t = q.partie and dp.compte = d.den and dp.periode = w.periode
    left join terme as k on k.t = q.partie and k.indicateur = w.indicateur
        and k.periode = w.periode
    group by q.tout, w.indicateur, w.periode
)
select t.code as territoire, e.* exclude (tout), den - den_masque as den_connu,
    100 * connu / (den - den_masque) as commun,
    100 * (n_haut - connu_bas) / den_masque as suppose
from ensemble as e join territoire as t on t.t = e.tout
where complet and masquees > 0 and connues > 1 and den_masque > 0 and den > den_masque
    and n_bas <= connu_haut and n_haut >= connu_bas
    and 100 * connu / (den - den_masque) not between e.bas - 1e-6 and e.haut + 1e-6
order by all
"""

_HORS = """
create or replace temp table hors as
with nu as (
    select s.t, s.indicateur, s.periode, s.valeur, s.bas, s.haut, s.ou, d.num, d.den, d.facteur,
        d.arrondi
    from chiffre as s join definition as d using (indicateur)
    where s.grandeur = 'niveau' and s.complet and s.valeur is not null
        and d.num is not null and d.den is not null
),
connu as (
    select t, compte, periode, bas, haut, centre, null as par, null as via
    from compte where origine in ('lu', 'somme')
    union all
    select t, compte, periode, bas, haut, centre, par, via from calcul where origine = 'deduit'
)
select nu.*, n.bas as n_bas, n.haut as n_haut, n.centre as n, d.bas as d_bas, d.haut as d_haut,
    d.centre as d
from nu
join connu as n on n.t = nu.t and n.periode = nu.periode and n.compte = nu.num
join connu as d on d.t = nu.t and d.periode = nu.periode and d.compte = nu.den
where d.bas > 0 and (nu.facteur * n.bas / d.haut > nu.haut + 1e-6
    or nu.facteur * n.haut / d.bas < nu.bas - 1e-6)
    and (n.par is null or not list_contains(n.via, nu.indicateur))
    and (d.par is null or not list_contains(d.via, nu.indicateur))
"""

_TERMES = """
select t.code as territoire, h.indicateur, h.periode, h.valeur, h.facteur, h.arrondi, h.n, h.d,
    h.facteur * h.n / h.d as obtenu, list_concat([h.ou], list_concat(kn.ou, kd.ou)) as ou
from hors as h
join territoire as t on t.t = h.t
join calcul as kn on kn.t = h.t and kn.periode = h.periode and kn.compte = h.num and kn.centre = h.n
join calcul as kd on kd.t = h.t and kd.periode = h.periode and kd.compte = h.den and kd.centre = h.d
qualify row_number() over (
    partition by h.t, h.indicateur, h.periode, h.ou order by h.n_haut - h.n_bas, h.d_haut - h.d_bas
) = 1
order by all
"""

#: A mesure printed twice by two routes: its own figure, and the sum of the parts that rates give.
_SOMMES = """
with partie as (
    select k.t, k.periode, s.compte, k.bas, k.haut, k.centre, k.via[-1] as indicateur, k.ou
    from compte as k
    join compose as s on s.mesure = k.compte and s.compte != k.compte
),
somme as (
    select t, periode, compte, sum(bas) as bas, sum(haut) as haut,
        string_agg(fr(round(centre)), ' + ' order by indicateur) as addition,
        sum(centre) as centre, flatten(list(ou)) as ou
    from partie
    group by t, periode, compte
    having count(*) = (select count(*) from compose as c where c.compte = partie.compte)
)
select t.code as territoire, k.periode, k.via[1] as indicateur, k.centre as total, s.addition,
    s.centre as somme, list_concat(k.ou, s.ou) as ou
from somme as s
join compte as k on k.t = s.t and k.compte = s.compte and k.periode = s.periode
join territoire as t on t.t = s.t
where k.origine in ('lu', 'deduit') and (s.bas > k.haut + 1e-6 or s.haut < k.bas - 1e-6)
order by all
"""

#: Rates over mesures alone: total, women's, men's, by the names of their mesures.
_SEXES = """
with simple as (
    select s.t, s.periode, d.num as mesure, s.indicateur, s.valeur, s.bas, s.haut, s.ou
    from chiffre as s join definition as d using (indicateur)
    where s.grandeur = 'niveau' and s.valeur is not null and d.den is null and d.type = 'part'
),
ecart as (
    select s.t, s.periode, s.indicateur, s.valeur, s.bas, s.haut, s.ou,
        max(m.mesure) filter (m.coefficient = 1) as plus,
        max(m.mesure) filter (m.coefficient = -1) as moins
    from chiffre as s join definition as d using (indicateur) join terme as m using (indicateur)
    where s.grandeur = 'niveau' and s.valeur is not null and d.type = 'ecart'
    group by all
    having count(*) = 2 and plus is not null and moins is not null
),
hommes as (
    select t, periode, mesure, valeur, bas, haut, [ou] as ou, fr(valeur) as preuve from simple
    union all
    select e.t, e.periode, e.moins, f.valeur - e.valeur, f.bas - e.haut, f.haut - e.bas,
        [f.ou, e.ou], fr(f.valeur) || ' ' || signe(-e.valeur) || ' = ' || fr(f.valeur - e.valeur)
    from ecart as e
    join simple as f on f.t = e.t and f.periode = e.periode and f.mesure = e.plus
    where not exists (select 1 from simple as h
        where h.t = e.t and h.periode = e.periode and h.mesure = e.moins)
)
select t.code as territoire, a.periode, a.indicateur, a.valeur, f.valeur as femmes,
    h.valeur as hommes, h.preuve, list_concat([a.ou, f.ou], h.ou) as ou
from simple as a
join simple as f on f.t = a.t and f.periode = a.periode and f.mesure = a.mesure || '_femmes'
join hommes as h on h.t = a.t and h.periode = a.periode and h.mesure = a.mesure || '_hommes'
join territoire as t on t.t = a.t
where a.haut < least(f.bas, h.bas) - 1e-6 or a.bas > greatest(f.haut, h.haut) + 1e-6
order by all
"""

_ECARTS = """
with terme_connu as (
    select e.t, e.periode, e.indicateur, e.valeur, e.bas, e.haut, e.ou, m.coefficient,
        s.valeur as terme, s.ou as terme_ou,
        least(m.coefficient * s.bas, m.coefficient * s.haut) as terme_bas,
        greatest(m.coefficient * s.bas, m.coefficient * s.haut) as terme_haut
    from chiffre as e
    join definition as d on d.indicateur = e.indicateur and d.type = 'ecart' and d.facteur = 1
    join terme as m on m.indicateur = e.indicateur
    left join (
        select c.t, c.periode, c.valeur, c.bas, c.haut, c.ou, i.num
        from chiffre as c join definition as i using (indicateur)
        where c.grandeur = 'niveau' and i.den is null and i.type != 'ecart' and i.facteur = 1
    ) as s on s.t = e.t and s.periode = e.periode and s.num = m.mesure
    where e.grandeur = 'niveau' and e.valeur is not null
)
select t.code as territoire, c.periode, c.indicateur, c.valeur,
    sum(coefficient * terme) as obtenu, list_concat([any_value(c.ou)], list(terme_ou)) as ou
from terme_connu as c join territoire as t on t.t = c.t
group by t.code, c.periode, c.indicateur, c.valeur, c.bas, c.haut, c.ou
having count(*) = count(terme)
    and (sum(terme_bas) > c.haut + 1e-6 or sum(terme_haut) < c.bas - 1e-6)
order by all
"""

#: The share of a QPV that lies in two EPCI is of one set alone.
_CENT = """
with partage as (
    select q.tout
    from partition as q join partition as autre on autre.partie = q.partie and autre.tout != q.tout
    join territoire as t on t.t = autre.tout and t.type = 'qpv_epci'
)
select t.code as territoire, e.indicateur, e.periode, sum(e.valeur) as somme, count(*) as parties,
    list(e.ou)[:1] as ou
from partition as q
join definition as d on d.den_ensemble and d.facteur = 100
join territoire as t on t.t = q.tout and t.type = 'qpv_epci'
left join chiffre as e on e.t = q.partie and e.indicateur = d.indicateur and e.grandeur = 'niveau'
where q.tout not in (select tout from partage)
group by t.code, e.indicateur, e.periode, q.tout
having count(*) = count(e.valeur)
    and count(*) = (select count(*) from partition as p where p.tout = q.tout)
    and (sum(e.bas) > 100 + 1e-6 or sum(e.haut) < 100 - 1e-6)
order by all
"""

_COMPLEMENTS = f"""
with taux as (
    select s.t, s.indicateur, s.periode, s.valeur, s.bas, s.haut, s.ou, k.centre as den,
        k.bas as den_bas, k.haut as den_haut
    from chiffre as s
    join definition as d using (indicateur)
    join compte as k on k.t = s.t and k.compte = d.den and k.periode = s.periode
    where s.grandeur = 'niveau' and s.complet and s.valeur is not null and d.type = 'part'
        and d.facteur = 100
),
etendue as (
    select indicateur, periode, min(valeur) as plus_petit, max(valeur) as plus_grand, count(*) as n
    from taux group by all
),
reste as (
    select i.tout, i.partie, w.indicateur, w.periode, w.valeur as tout_taux,
        p.valeur as partie_taux,
        w.den as tout_den, p.den as partie_den, [w.ou, p.ou] as ou, w.den - p.den as den,
        (w.bas * w.den - p.haut * p.den) / (w.den - p.den) as bas,
        (w.haut * w.den - p.bas * p.den) / (w.den - p.den) as haut
    from inclusion as i
    join taux as w on w.t = i.tout
    join taux as p on p.t = i.partie and p.indicateur = w.indicateur and p.periode = w.periode
    where w.den_bas > p.den_haut
)
select tw.code as territoire, tp.code as partie, r.* exclude (tout, partie),
    e.plus_petit, e.plus_grand,
    (tout_taux * tout_den - partie_taux * partie_den) / den as valeur
from reste as r
join etendue as e using (indicateur, periode)
join territoire as tw on tw.t = r.tout
join territoire as tp on tp.t = r.partie
where e.n >= 5 and tp.type in {sets()}
    and tw.type in {wholes()} and r.haut >= 0 and r.bas <= 100
    and (r.bas > e.plus_grand + (e.plus_grand - e.plus_petit)
        or r.haut < e.plus_petit - (e.plus_grand - e.plus_petit))
order by all
"""


def within_extremes(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P05: the rate of a set, or its change in %, lies between those of its parts."""
    for row in rows(con, _EXTREMES):
        text = (
            f"{fr(row.valeur, 1)} alors que ses {row.connues} parties vont de "
            f"{fr(row.plus_petit, 1)} à {fr(row.plus_grand, 1)}"
        )
        yield finding(con, "P05", row, text)


def masked_as_zero(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P06: the numerator leaves masked parts out and the denominator does not."""
    for row in rows(con, _MASQUES):
        impossible = row.suppose < row.plus_petit
        tail = (
            f" ; il faudrait au plus {fr(max(row.suppose, 0), 1)} % dans les masquées, alors que "
            f"les autres vont de {fr(row.vu_petit, 1)} à {fr(row.vu_grand, 1)} %"
            if impossible
            else " ; le chiffre reste possible, puisque les masquées peuvent être proches de 0"
        )
        text = (
            f"{fr(row.taux, 1)} % est {fr(row.connu)} ÷ {fr(row.den)}, où le dénominateur compte "
            f"{fr(row.den_masque)} de {row.masquees} partie(s) masquée(s) au numérateur ; sur le "
            f"même champ, {fr(row.connu)} ÷ {fr(row.den_connu)} = {fr(row.commun, 1)} %{tail}"
        )
        severite: Severite = "a_verifier" if impossible else "information"
        yield finding(con, "P06", row, text, severite=severite)


def equals_its_terms(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P09: a rate or index is its numerator over its denominator, where both are known."""
    con.execute(_HORS)
    for row in rows(con, _TERMES):
        unit = " × 100" if row.facteur == 100 else ""
        shown = max(row.arrondi, 1)
        text = (
            f"{fr(row.valeur, shown)} alors que {fr(row.n)} ÷ {fr(row.d)}{unit} = "
            f"{fr(row.obtenu, shown + 1)}"
        )
        yield finding(con, "P09", row, text)
    for row in rows(con, _SOMMES):
        text = (
            f"{fr(row.total)} alors que ses composantes, d'après leurs taux, font {row.addition} = "
            f"{fr(row.somme)}"
        )
        yield finding(con, "P09", row, text)


def between_women_and_men(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P08: the total lies between women and men, and a gap is the difference of its terms."""
    for row in rows(con, _SEXES):
        text = (
            f"l'ensemble est à {fr(row.valeur, 1)}, hors de l'intervalle des femmes "
            f"({fr(row.femmes, 1)}) et des hommes ({row.preuve})"
        )
        yield finding(con, "P08", row, text)
    for row in rows(con, _ECARTS):
        text = (
            f"{fr(row.valeur, 1)} alors que la différence des termes imprimés est "
            f"{fr(row.obtenu, 1)}"
        )
        yield finding(con, "P08", row, text)


def shares_make_hundred(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P12: the shares of the parts in their set make 100."""
    for row in rows(con, _CENT):
        text = f"les parts des {row.parties} QPV font {fr(row.somme, 1)} %"
        yield finding(con, "P12", row, text)


def rest_like_the_others(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """P13: the rate of a territory without its QPV is far outside every rate of the table."""
    for row in rows(con, _COMPLEMENTS):
        text = (
            f"({fr(row.tout_taux, 1)} % × {fr(row.tout_den)} − {fr(row.partie_taux, 1)} % × "
            f"{fr(row.partie_den)}) ÷ {fr(row.den)} = {fr(row.valeur, 1)} %, alors que les "
            f"territoires du tableau vont de {fr(row.plus_petit, 1)} à {fr(row.plus_grand, 1)} %"
        )
        sujet = f"{row.territoire} sans {row.partie}, {name(con, row.indicateur)} : "
        yield finding(con, "P13", row, text, sujet=sujet)
