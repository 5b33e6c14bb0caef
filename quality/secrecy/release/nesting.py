"""How the territories of a release hold one another, as a reader of its tables knows."""

from __future__ import annotations

import duckdb

#: `membre`: what a set adds up; `autour`: the place that holds a set, and may hold more.
_NESTING = """
create table membre as
select s.t as ensemble, q.t as membre
from terr as q
join publie_epci as p on p.code_qpv = q.code_territoire and p.perimetre = q.perimetre
join terr as s on s.code_territoire = 'QPV@EPCI:' || p.code_epci and s.perimetre = q.perimetre
where q.type_territoire = 'qpv'
union all
select s.t, q.t
from terr as q
join (
    select code_qpv, perimetre, min(code_commune_entiere) as commune from publie_communes
    group by all having count(distinct code_commune_entiere) = 1 and bool_and(est_complete)
) as c on c.code_qpv = q.code_territoire and c.perimetre = q.perimetre
join terr as s on s.code_territoire = 'QPV@COM:' || c.commune and s.perimetre = q.perimetre
where q.type_territoire = 'qpv'
union all
select s.t, q.t from terr as q
join terr as s on s.perimetre = q.perimetre and (
    s.code_territoire = 'QPV@DEP:' || q.code_departement
    or s.code_territoire = 'QPV@REG:' || q.code_region
    or s.code_territoire = 'QPV@FRMETRO' and q.est_metropole
)
where q.type_territoire = 'qpv';
create table autour as
select a.t as dedans, b.t as dehors from terr as a
join terr as b on b.code_territoire = replace(a.code_territoire, 'QPV@', '')
where a.code_territoire like 'QPV@%';
"""

#: An intercommunality is its quarters and the rest of it, where none of them spreads over two.
_RESTS = """
create table scindee as
select w.t, h.t as reste, p.code_epci, h.perimetre
from terr as h
join terr as w on w.code_territoire = replace(h.code_territoire, 'HORSQPV@', '')
join publie_epci as p
    on 'HORSQPV@EPCI:' || p.code_epci = h.code_territoire and p.perimetre = h.perimetre
left join publie_epci as o
    on o.code_qpv = p.code_qpv and o.perimetre = p.perimetre and o.code_epci <> p.code_epci
group by all having count(o.code_epci) = 0;
insert into membre
select t, reste from scindee
union all
select s.t, q.t from scindee as s
join publie_epci as p on p.code_epci = s.code_epci and p.perimetre = s.perimetre
join terr as q on q.code_territoire = p.code_qpv and q.perimetre = p.perimetre;
"""

#: Whole places that hold a territory whole, and counts that one producer gives of both.
_PLACES = """
create table tenu as
with dans as (
    select t as dedans, code_territoire as nom, unnest([1, 2, 3]) as rang,
        unnest(['EPCI:' || code_epci, 'DEP:' || code_departement, 'REG:' || code_region]) as dehors
    from terr where type_territoire in ('qpv', 'commune', 'epci', 'departement')
    union all
    select q.t, q.code_territoire, 4, 'COM:' || min(c.code_commune_entiere)
    from publie_communes as c
    join terr as q on q.code_territoire = c.code_qpv and q.perimetre = c.perimetre
    group by all having count(distinct c.code_commune_entiere) = 1
)
select d.dedans, d.rang, b.t as dehors from dans as d
join terr as b on b.code_territoire = d.dehors
where d.dehors <> d.nom and not (d.rang = 1 and d.dedans in (
    select q.t from terr as q
    join publie_epci as p on p.code_qpv = q.code_territoire and p.perimetre = q.perimetre
    group by q.t having count(*) > 1
));
create table borne_du_lieu as
select ({kind}::hugeint << 64) | (2::hugeint << 60) | (d.rang::hugeint << 56) | f.x as r, f.x,
    w.x as tout
from fait as f join ind as i using (code)
join tenu as d on d.dedans = f.t
join fait as w on w.t = d.dehors and w.code = f.code and w.p = f.p and w.source_id = f.source_id
where i.type = 'effectif' and i.agregation = 'somme'
    and (f.x not in (select c from connu) or w.x not in (select c from connu));
insert into terme_brut
select r, x, -1.0 from borne_du_lieu union all select r, tout, 1.0 from borne_du_lieu;
insert into bornes_brut select r, {kind}, 0.0, 'inf', x from borne_du_lieu;
"""


def add_places(con: duckdb.DuckDBPyConnection, kind: int) -> None:
    """Rows of `kind`: a count of a territory is at most that of the place that holds it.

    Args:
        con: tables `fait`, `ind`, `connu`, `terr`, `terme_brut`, `bornes_brut`, the views.
    """
    con.execute(_PLACES.format(kind=kind))


def nest(con: duckdb.DuckDBPyConnection) -> None:
    """Tables `membre(ensemble, membre)` and `autour(dedans, dehors)`.

    Args:
        con: table `terr`, views `publie_epci` and `publie_communes`.
    """
    con.execute(_NESTING)
    con.execute(_RESTS)
