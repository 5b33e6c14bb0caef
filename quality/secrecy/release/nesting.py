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
join terr as w on w.code_territoire = replace(h.code_territoire, 'HORS@', '')
join publie_epci as p
    on 'HORS@EPCI:' || p.code_epci = h.code_territoire and p.perimetre = h.perimetre
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


def nest(con: duckdb.DuckDBPyConnection) -> None:
    """Tables `membre(ensemble, membre)` and `autour(dedans, dehors)`.

    Args:
        con: table `terr`, views `publie_epci` and `publie_communes`.
    """
    con.execute(_NESTING)
    con.execute(_RESTS)
