"""Every count that the figures give or imply, each with its arithmetic. Judges nothing.

`calcul`: one row per way to know a count of a territory at a period. `origine`: `lu` (printed),
`base` (level minus evolution), `somme` (of its mesures), `deduit` (rate × denominator, or count ÷
rate). `via`: the indicators used, so that no figure is checked against itself. `par`: the rate that
deduced it. `compte` keeps the best way: printed before computed, then the narrowest.
"""

from __future__ import annotations

import duckdb

_ENTIER = """
select t, compte, periode,
    case when compte in (from estimee) then bas else least(ceil(bas - 1e-6), haut) end as bas,
    case when compte in (from estimee) then haut else greatest(floor(haut + 1e-6), bas) end as haut,
    case when compte in (from estimee) or ceil(bas - 1e-6) > haut then centre
        else least(greatest(round(centre), ceil(bas - 1e-6)), floor(haut + 1e-6)) end as centre,
    origine, via, preuve, ou, par
"""

_LUS = """
create table calcul as
select c.t, d.num as compte, c.periode, c.bas, c.haut, c.valeur as centre, 'lu' as origine,
    [c.indicateur] as via, fr(c.valeur) as preuve, [c.ou] as ou, c.indicateur as par
from chiffre as c join definition as d using (indicateur)
where c.grandeur = 'niveau' and c.valeur is not null and d.type = 'effectif'
    and d.num is not null and d.den is null and not d.den_ensemble and d.facteur = 1
qualify row_number() over (partition by c.t, d.num, c.periode order by c.ou, c.indicateur) = 1
"""

_BASES = """
insert into calcul
select n.t, d.num, e.comparaison, greatest(n.bas - e.haut, 0), n.haut - e.bas,
    n.valeur - e.valeur, 'base', [n.indicateur],
    fr(n.valeur) || ' ' || signe(-e.valeur) || ' = ' || fr(n.valeur - e.valeur), [e.ou],
    n.indicateur
from chiffre as n
join chiffre as e on n.t = e.t and n.indicateur = e.indicateur and n.periode = e.periode
join definition as d on d.indicateur = n.indicateur
where n.grandeur = 'niveau' and e.grandeur = 'evolution_nb'
    and n.valeur is not null and e.valeur is not null and n.haut >= e.bas
    and d.type = 'effectif' and d.num is not null and d.den is null and d.facteur = 1
    and not exists (select 1 from calcul as k
        where k.t = n.t and k.compte = d.num and k.periode = e.comparaison)
"""

_SOMMES = """
insert into calcul
select t, compte, periode, sum(bas), sum(haut), sum(centre), 'somme',
    list_distinct(flatten(list(via))), string_agg(preuve, ' + ') || ' = ' || fr(sum(centre)),
    list_distinct(flatten(list(ou))), null
from (
    select k.t, s.compte, k.periode, k.bas, k.haut, k.centre, k.via, k.preuve, k.ou, s.parts
    from calcul as k
    join (select compte, mesure, count(*) over (partition by compte) as parts from compose) as s
        on k.compte = s.mesure
    where s.parts > 1 and k.origine = 'lu'
)
group by t, compte, periode, parts
having count(*) = parts
"""

_NUMERATEURS = f"""
insert into calcul {_ENTIER} from (
    select k.t, d.num as compte, k.periode, s.bas * k.bas / d.facteur as bas,
        s.haut * k.haut / d.facteur as haut, s.valeur * k.centre / d.facteur as centre,
        'deduit' as origine, list_append(k.via, s.indicateur) as via,
        fr(s.valeur) || case when d.facteur = 100 then ' %' else '' end || ' × ' || fr(k.centre)
            || ' = ' || fr(round(s.valeur * k.centre / d.facteur)) as preuve,
        list_append(k.ou, s.ou) as ou, s.indicateur as par
    from chiffre as s
    join definition as d using (indicateur)
    join {{calcul}} as k on k.t = s.t and k.compte = d.den and k.periode = s.periode
    where s.grandeur = 'niveau' and s.valeur is not null and s.bas >= 0 and d.num is not null
        and not list_contains(k.via, s.indicateur)
        and s.complet and not exists (select 1 from imprime as i
            where i.t = k.t and i.compte = d.num and i.periode = k.periode)
        and not exists (select 1 from connu as l where l.origine = 'deduit' and l.t = k.t
            and l.compte = d.num and l.periode = k.periode and l.par = s.indicateur)
)
"""

_DENOMINATEURS = f"""
insert into calcul {_ENTIER} from (
    select k.t, d.den as compte, k.periode, k.bas * d.facteur / s.haut as bas,
        k.haut * d.facteur / s.bas as haut, k.centre * d.facteur / s.valeur as centre,
        'deduit' as origine, list_append(k.via, s.indicateur) as via,
        fr(k.centre) || ' ÷ ' || fr(s.valeur) || case when d.facteur = 100 then ' %' else '' end
            || ' = ' || fr(round(k.centre * d.facteur / s.valeur)) as preuve,
        list_append(k.ou, s.ou) as ou, s.indicateur as par
    from chiffre as s
    join definition as d using (indicateur)
    join {{calcul}} as k on k.t = s.t and k.compte = d.num and k.periode = s.periode
    where s.grandeur = 'niveau' and s.bas > 0 and d.den is not null
        and not list_contains(k.via, s.indicateur)
        and s.complet and not exists (select 1 from imprime as i
            where i.t = k.t and i.compte = d.den and i.periode = k.periode)
        and not exists (select 1 from connu as l where l.origine = 'deduit' and l.t = k.t
            and l.compte = d.den and l.periode = k.periode and l.par = s.indicateur)
)
"""

_MEILLEURS = """
create or replace table compte as
select * from calcul
qualify row_number() over (partition by t, compte, periode order by
    case origine when 'lu' then 0 when 'base' then 1 when 'somme' then 2 else 3 end,
    haut - bas, preuve) = 1
"""


_IMPRIMES = """
create or replace temp table imprime as
select distinct t, compte, periode from calcul where origine in ('lu', 'somme')
"""

#: The rate at the start of a change in points, where no table prints it.
_TAUX_DE_DEPART = """
insert into chiffre
select n.t, n.indicateur, e.comparaison, null, 'niveau', n.valeur - e.valeur, n.bas - e.haut,
    n.haut - e.bas, e.ou, n.complet
from chiffre as n
join chiffre as e on e.t = n.t and e.indicateur = n.indicateur and e.periode = n.periode
join definition as d on d.indicateur = n.indicateur and d.type = 'part'
where n.grandeur = 'niveau' and e.grandeur = 'evolution_pts'
    and n.valeur is not null and e.valeur is not null
    and not exists (select 1 from chiffre as b where b.t = n.t and b.indicateur = n.indicateur
        and b.periode = e.comparaison and b.grandeur = 'niveau')
"""


def derive(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `calcul` and `compte` (two rounds), and add rates of departure to `chiffre`."""
    for query in (_TAUX_DE_DEPART, _LUS, _BASES, _SOMMES):
        con.execute(query)
    for origines in ("", "where origine = 'deduit'"):
        con.execute(f"create or replace temp table connu as from calcul {origines}")
        con.execute(_IMPRIMES)
        con.execute(_NUMERATEURS.format(calcul="connu"))
        con.execute(_DENOMINATEURS.format(calcul="connu"))
    con.execute(_MEILLEURS)
