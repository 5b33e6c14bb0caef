"""A release as the attacker's rows: cells that are known, cells that are not, what ties them.

A cell is a mesure or an indicator, of a territory, at a period. Its number: object << 32 |
territory << 8 | period.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from quality.secrecy.release.declared_formulas import declare
from quality.secrecy.release.declared_sums import add_declared_sums
from quality.secrecy.release.earlier_releases import add_earlier
from quality.secrecy.release.found_sums import found_sums
from quality.secrecy.release.national_total import add_national_line
from quality.secrecy.release.nesting import add_places, nest
from warehouse.declared.dictionary import Dictionary
from warehouse.domain.types_territoire import wholes
from warehouse.release.connect import open_scratch, texte_sql
from warehouse.release.relations import expose

#: Decimals under which a column of shares is taken as rounded by its producer.
ROUNDED = 3
#: Share of the sums of known cells that must hold, for a set to be whole, a mesure to add up.
ADDS_UP = 0.98
#: A national system is taken out of it beside as much of its own.
LIMIT = "700MB"

#: Kinds of rows. The producer's own: PUBLISHED, SUM, WITHIN, MASKED, PARTS; ours: the others.
VALUE, RATIO, MASKED, SUM, WITHIN, CHANGE, SHARE, EARLIER, PUBLISHED, GAP, PARTS, FOUND = (
    *range(1, 13),
)


def open_release(
    database: Path,
    dictionary: Dictionary,
    earlier: Sequence[Path],
    sommes: Sequence[dict],
    revisees: Collection[tuple[str, str, str, str]] = (),
    protegees: Collection[str] = (),
) -> duckdb.DuckDBPyConnection:
    """Tables `cellule`, `connu`, `masque`, `rang` and `terme_libre` over a release's database.

    `masque(c, source_id, …)`: cells under secrecy. `rang(r, genre, bas, haut, nom)`: rows
    bas <= sum of `terme_libre.coef` × cell <= haut, known cells already on the other side.

    Args:
        earlier, revisees: see `add_earlier`; sommes, protegees: sums that are declared, sources of
            which others are sought.
    """
    con = open_scratch(LIMIT)
    con.execute(f"attach {texte_sql(database)} as pub (read_only)")
    expose(con, "chiffres", "evolutions", "ecarts", "positions", of="pub")
    expose(con, "territoires", "epci", "communes", of="pub")
    declare(con, dictionary)
    con.execute(
        "create table lieu_entier as select unnest($1::varchar[]) as type_territoire",
        [list(wholes())],
    )
    con.execute(_FIGURES)
    con.execute(_CELLS)
    nest(con)
    for ending in ("", "_brut"):
        con.execute(f"create table terme{ending}(r hugeint, c bigint, coef double)")
        con.execute(
            f"create table bornes{ending}"
            "(r hugeint, genre tinyint, bas double, haut double, x bigint)"
        )
    con.execute(_DATED_TERMS)
    for statement in (_PRINTED, _VALUES, _RATIOS, _MASKED_RATIOS, _SHARES_OF_SET, _CHANGES, _GAPS):
        con.execute(statement)
        con.execute(_OF_USE)
    con.execute(_SUMS)
    add_national_line(con, SUM)
    con.execute(_OF_USE)
    add_declared_sums(con, PARTS, sommes)
    con.execute(_OF_USE)
    if found := found_sums(con, sommes, protegees):
        add_declared_sums(con, FOUND, found)
        con.execute(_OF_USE)
    con.execute(_WITHIN)
    add_places(con, WITHIN)
    con.execute(_OF_USE)
    add_earlier(con, EARLIER, earlier, revisees)
    con.execute(_OF_USE)
    con.execute(_FREE)
    return con


#: `fait`: one row per figure, x its cell; `connu`: printed cells; `masque`: cells under secrecy.
_FIGURES = """
create table terr as
select code_territoire, perimetre, type_territoire, code_departement, code_region, code_epci,
    est_metropole,
    row_number() over (order by code_territoire, perimetre) as t
from publie_territoires;
create table per as
select periode, try_cast(left(periode, 4) as int) as an,
    (row_number() over (order by periode))::utinyint as p
from (
    select periode from publie_chiffres
    union select periode from publie_evolutions
    union select periode_comparaison from publie_evolutions
) where periode is not null;
create macro cell(o, t, p) as (o::bigint << 32) | (t::bigint << 8) | p::bigint;
create macro objet_de(c) as c >> 32;
create macro place_de(c) as (c >> 8) & 16777215;
create macro periode_de(c) as c & 255;
create table fait as
select cell(i.o, t.t, p.p) as x, i.code, t.t, p.p,
    t.type_territoire not in (select type_territoire from lieu_entier) as quartier,
    f.valeur, f.statut, f.source_id, f.periode, f.motif,
    f.statut like 'secret%' as secret,
    coalesce(f.motif like 'calculé sur %', false) as partiel
from publie_chiffres as f
join ind_o as i on i.code = f.code_indicateur
join per as p on p.periode = f.periode
join terr as t on t.code_territoire = f.code_territoire and t.perimetre = f.perimetre
where f.statut = 'diffuse' or f.statut like 'secret%' or f.statut = 'non_diffuse';
create table masque as
select x as c, any_value(source_id) as source_id, any_value(code) as code from fait
where secret group by x;
create table connu as
select x as c, any_value(valeur) as v from fait
where statut = 'diffuse' and valeur is not null and x not in (select c from masque) group by x;
"""

#: `formule_p`: the terms of each indicator at each of its periods, for quarters and their sets
#: and for whole territories. A term of which the release holds no such figure of that period is of
#: the nearest one that it holds, as our texts say.
_DATED_TERMS = """
create table tenue as
select distinct i.o, f.quartier, f.p, p.an from fait as f join ind_o as i using (code)
join per as p using (p) where i.simple is not null;
create table formule_p as
with dates as (
    select distinct f.code, f.quartier, f.p, d.an from fait as f join per as d using (p)
)
select o.code, o.cote, o.mesure, o.coef, o.o, d.quartier, d.p,
    coalesce(
        arg_min(h.p, if(h.p = d.p, -1, 256 * abs(h.an - d.an) + h.p)) filter (not i.publiee),
        min(d.p)
    ) as pt
from formule_o as o
join ind as i using (code)
join dates as d using (code)
left join tenue as h on h.o = o.o and h.quartier = d.quartier
group by all;
"""

#: Of new rows, those with an unknown cell: the others, on a national release nine in ten, teach an
#: attacker nothing.
_OF_USE = """
create or replace temp table utile as
select distinct t.r from terme_brut as t anti join connu as k on k.c = t.c;
insert into terme select t.* from terme_brut as t semi join utile as u on u.r = t.r;
insert into bornes select b.* from bornes_brut as b semi join utile as u on u.r = b.r;
truncate terme_brut;
truncate bornes_brut;
"""

#: The same mesure, masked under one indicator and printed under another.
_PRINTED = f"""
create table imprime as
select ({PUBLISHED}::hugeint << 64) | x as r, x, any_value(valeur) as v from fait
where statut = 'diffuse' and valeur is not null and x in (select c from masque) group by x;
insert into terme_brut select r, x, 1.0 from imprime;
insert into bornes_brut select r, {PUBLISHED}, v, v, x from imprime;
"""

#: Half of the rounding step of each indicator whose values are few decimals long; else 0.
_CELLS = f"""
create table pas as
select code, case when d > {ROUNDED} then 0.0 else 0.5 * power(10.0, -d) end as demi
from (
    select f.code, max(case
        when abs(valeur - round(valeur, 0)) < 1e-9 then 0
        when abs(valeur - round(valeur, 1)) < 1e-9 then 1
        when abs(valeur - round(valeur, 2)) < 1e-9 then 2
        when abs(valeur - round(valeur, 3)) < 1e-9 then 3 else 4 end) as d
    from fait as f where f.statut = 'diffuse' group by f.code
);
create table entiere as
select objet_de(f.x) as o, bool_and(abs(f.valeur - round(f.valeur)) < 1e-9) as entiere
from fait as f join ind as i on i.code = f.code
where f.statut = 'diffuse' and i.type = 'effectif' and i.simple is not null group by 1;
"""

#: A figure without denominator is the sum of its terms, printed or masked.
_VALUES = f"""
create table valeurs as
select ({VALUE}::hugeint << 64) | f.x as r, f.x, f.code, f.t, f.quartier, f.p, f.secret,
    i.facteur from fait as f
join ind_o as i using (code)
where i.simple is null and not i.a_den and not i.den_ensemble and not partiel
    and code in (select code from formule);
insert into terme_brut
select v.r, cell(o.o, v.t, o.pt), v.facteur * o.coef from valeurs as v
join formule_p as o using (code, quartier, p)
union all select r, x, -1.0 from valeurs;
insert into bornes_brut
select v.r, if(v.secret or i.publiee, {PUBLISHED}, {VALUE}), 0.0, 0.0, v.x from valeurs as v
join ind as i using (code);
"""

#: A printed ratio ties its terms: facteur × num - value × den = 0, or a range if it is rounded.
_RATIOS = f"""
create table rapports as
select ({RATIO}::hugeint << 64) | f.x as r, f.x, f.code, f.t, f.quartier, f.p, f.valeur,
    i.facteur, i.publiee, p.demi from fait as f
join ind_o as i using (code) join pas as p using (code)
where i.a_den and f.statut = 'diffuse' and f.valeur is not null and not partiel;
create table cotes as select unnest([1, -1]) as cote;
insert into terme_brut
select r.r | (if(k.cote = 1, 0::hugeint, 1::hugeint) << 60), cell(o.o, r.t, o.pt),
    if(o.cote = 'num', r.facteur, -(r.valeur - k.cote * r.demi)) * o.coef
from rapports as r join cotes as k on k.cote = 1 or r.demi > 0
join formule_p as o using (code, quartier, p);
insert into bornes_brut
select r.r | (if(k.cote = 1, 0::hugeint, 1::hugeint) << 60), if(r.publiee, {PUBLISHED}, {RATIO}),
    if(k.cote = 1, 0.0, '-inf'::double), if(k.cote = -1 or r.demi = 0, 0.0, 'inf'::double), r.x
from rapports as r join cotes as k on k.cote = 1 or r.demi > 0;
insert into terme_brut
select ({WITHIN}::hugeint << 64) | f.x, cell(o.o, f.t, o.pt),
    if(o.cote = 'num', -1.0, 1.0) * o.coef
from fait as f join ind as i using (code) join formule_p as o using (code, quartier, p)
where i.a_den and i.type = 'part' and not partiel;
insert into bornes_brut
select ({WITHIN}::hugeint << 64) | f.x, {WITHIN}, 0.0, 'inf', f.x from fait as f
join ind as i using (code) where i.a_den and i.type = 'part' and not partiel;
"""

#: A masked ratio whose denominator is printed is its numerator, in another unit.
_MASKED_RATIOS = f"""
create table masques_rapports as
select ({MASKED}::hugeint << 64) | f.x as r, f.x, f.code, f.t, f.quartier, f.p, i.facteur,
    sum(o.coef * k.v) as den
from fait as f join ind as i using (code)
join formule_p as o on o.code = f.code and o.quartier = f.quartier and o.p = f.p and o.cote = 'den'
left join connu as k on k.c = cell(o.o, f.t, o.pt)
where i.a_den and f.secret
group by all having bool_and(k.v is not null) and sum(o.coef * k.v) <> 0;
insert into terme_brut
select m.r, cell(o.o, m.t, o.pt), m.facteur * o.coef from masques_rapports as m
join formule_p as o on o.code = m.code and o.quartier = m.quartier and o.p = m.p and o.cote = 'num'
union all select r, x, -den from masques_rapports;
insert into bornes_brut select r, {MASKED}, 0.0, 0.0, x from masques_rapports;
"""

#: The share of a quarter in the set of its EPCI.
_SHARES_OF_SET = f"""
create table parts_ensemble as
select ({SHARE}::hugeint << 64) | f.x as r, f.*, i.facteur, s.t as ensemble from fait as f
join ind as i using (code)
join terr as q on q.t = f.t and q.type_territoire = 'qpv'
join publie_epci as p
    on p.code_qpv = q.code_territoire and p.perimetre = q.perimetre and p.rang = 1
join terr as s on s.code_territoire = 'QPV@EPCI:' || p.code_epci and s.perimetre = q.perimetre
where i.den_ensemble and f.statut = 'diffuse' and f.valeur is not null;
insert into terme_brut
select s.r, cell(o.o, s.t, o.pt), s.facteur * o.coef from parts_ensemble as s
join formule_p as o using (code, quartier, p)
union all
select s.r, cell(o.o, s.ensemble, o.pt), -s.valeur * o.coef from parts_ensemble as s
join formule_p as o using (code, quartier, p);
insert into bornes_brut select r, {SHARE}, 0.0, 0.0, x from parts_ensemble;
"""

#: An evolution ties the two periods of one indicator. Its number is its place among them: several
#: start from one cell.
_CHANGES = f"""
create table evol as
select ({CHANGE}::hugeint << 64) | row_number() over () as r, cell(i.o, t.t, n.p) as x,
    cell(i.o, t.t, b.p) as y, coalesce(e.evolution_nb, e.evolution_pts) as nb,
    e.evolution_pct as pct
from publie_evolutions as e
join ind_o as i on i.code = e.code_indicateur
join terr as t on t.code_territoire = e.code_territoire and t.perimetre = e.perimetre
join per as n on n.periode = e.periode
join per as b on b.periode = e.periode_comparaison
where e.statut = 'diffuse';
insert into terme_brut
select r, x, 1.0 from evol where nb is not null
union all select r, y, -1.0 from evol where nb is not null
union all select r | (1::hugeint << 60), x, 100.0 from evol where pct is not null
union all select r | (1::hugeint << 60), y, -100.0 - pct from evol where pct is not null;
insert into bornes_brut
select r, {CHANGE}, nb, nb, x from evol where nb is not null
union all select r | (1::hugeint << 60), {CHANGE}, 0.0, 0.0, x from evol where pct is not null;
"""

#: A territory beside the one it is compared with; over several indicators, the mean of the gaps
#: in % of what the other one prints.
_GAPS = f"""
create table ecarts as
select ({GAP}::hugeint << 64) | f.x as r, f.x, f.secret, f.valeur, g.n, g.par,
    cell(b.o, f.t, f.p) as a, cell(b.o, ref.t, f.p) as b
from fait as f join rappro as g using (code)
join ind_o as b on b.code = g.base join terr as t on t.t = f.t
join terr as ref on ref.code_territoire = case g.a
    when 'epci' then 'EPCI:' || t.code_epci
    when 'departement' then 'DEP:' || t.code_departement else 'FRMETRO' end
where f.secret or f.statut = 'diffuse';
create table relatifs as
select e.r, any_value(e.x) as x, any_value(e.secret) as secret, any_value(e.valeur) as valeur
from ecarts as e left join connu as k on k.c = e.b where e.par = 'ecart_relatif'
group by e.r having count(*) = any_value(e.n) and bool_and(coalesce(k.v, 0) <> 0);
insert into terme_brut
select r, a, 1.0 from ecarts where par = 'ecart'
union all select r, b, -1.0 from ecarts where par = 'ecart'
union all select r, x, -1.0 from ecarts where par = 'ecart' and secret
union all
select e.r, e.a, 100.0 / (e.n * k.v) from ecarts as e semi join relatifs as l on l.r = e.r
join connu as k on k.c = e.b
union all select r, x, -1.0 from relatifs where secret;
insert into bornes_brut
select r, {GAP}, if(secret, 0, valeur), if(secret, 0, valeur), x from ecarts where par = 'ecart'
union all
select r, {GAP}, 100 + if(secret, 0, valeur), 100 + if(secret, 0, valeur), x from relatifs;
"""

#: A set is the sum of its quarters, for the mesures that are seen to add up; more than their sum,
#: if its figures say that the files do not hold all of them.
_SUMS = f"""
create table cite as
select distinct c from (select c from terme union all select c from connu union all
    select c from masque);
create table additive as
select distinct o.o from formule_o as o join ind as i using (code)
where i.agregation in ('somme', 'rapport');
create table sommes as
select ({SUM}::hugeint << 64) | c.c as r, c.c as x, place_de(c.c) as ensemble,
    periode_de(c.c) as p, objet_de(c.c) as o
from cite as c join additive as a on a.o = objet_de(c.c)
where place_de(c.c) in (select ensemble from membre);
delete from sommes where exists (
    select 1 from scindee as d where d.t = ensemble
        and cell(sommes.o, d.reste, sommes.p) not in (select c from cite));
create table termes_somme as
select s.r, s.x, cell(s.o, m.membre, s.p) as c from sommes as s
join membre as m on m.ensemble = s.ensemble;
create table essai as
select t.x, abs(any_value(k.v) - sum(p.v)) <= 1e-6 * greatest(1, abs(any_value(k.v))) as juste
from termes_somme as t join connu as k on k.c = t.x left join connu as p on p.c = t.c
group by t.x having bool_and(p.v is not null);
create table partiel as
select place_de(x) as ensemble from essai group by 1 having avg(juste::int) < {ADDS_UP};
create table tient as
select objet_de(x) as o, avg(juste::int) as part from essai
where place_de(x) not in (select ensemble from partiel) group by 1;
delete from sommes where o in (select o from tient where part < {ADDS_UP});
insert into terme_brut
select r, x, 1.0 from sommes
union all select t.r, t.c, -1.0 from termes_somme as t semi join sommes as s on s.r = t.r;
insert into bornes_brut
select r, {SUM}, 0.0, if(ensemble in (select ensemble from partiel), 'inf'::double, 0.0), x
from sommes;
"""

#: The quarters of an EPCI, a département or France are part of it.
_WITHIN = f"""
insert into terme_brut
select ({WITHIN}::hugeint << 64) | (1::hugeint << 60) | c.c, c.c, -1.0 from cite as c
join additive as a on a.o = objet_de(c.c) join autour as w on w.dedans = place_de(c.c)
union all
select ({WITHIN}::hugeint << 64) | (1::hugeint << 60) | c.c,
    cell(objet_de(c.c), w.dehors, periode_de(c.c)), 1.0
from cite as c join additive as a on a.o = objet_de(c.c)
join autour as w on w.dedans = place_de(c.c);
insert into bornes_brut
select ({WITHIN}::hugeint << 64) | (1::hugeint << 60) | c.c, {WITHIN}, 0.0, 'inf', c.c
from cite as c join additive as a on a.o = objet_de(c.c)
join autour as w on w.dedans = place_de(c.c);
"""

#: Known cells leave the rows; rows left without an unknown cell are of no use to an attacker.
_FREE = """
create table terme_libre as
select t.r, t.c, sum(t.coef) as coef from terme as t anti join connu as k on k.c = t.c
group by t.r, t.c having sum(t.coef) <> 0;
create table decalage as
select t.r, sum(t.coef * k.v) as s from terme as t join connu as k on k.c = t.c
where t.r in (select r from terme_libre) group by t.r;
create table rang as
select b.r, b.genre, b.bas - coalesce(d.s, 0) as bas, b.haut - coalesce(d.s, 0) as haut, b.x
from bornes as b left join decalage as d using (r)
where b.r in (select r from terme_libre);
"""
