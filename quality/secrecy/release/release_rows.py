"""A release as the attacker's rows: cells that are known, cells that are not, what ties them.

A cell is a mesure or an indicator, of a territory, at a role: `niveau`, or `comparaison` where the
period is the earlier one. Its number: object << 24 | territory << 1 | role.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from quality.secrecy.release.national_total import add_national_line
from warehouse.declared.dictionary import Dictionary
from warehouse.release.connect import texte_sql
from warehouse.release.relations import expose

#: Decimals under which a column of shares is taken as rounded by its producer.
ROUNDED = 3
#: Share of the sums of known cells that must hold, for a set to be whole, a mesure to add up.
ADDS_UP = 0.98

#: Kinds of rows. The producer's own figures: PUBLISHED, SUM, WITHIN, MASKED; ours: the others.
VALUE, RATIO, MASKED, SUM, WITHIN, CHANGE, SHARE, EARLIER, PUBLISHED, GAP = range(1, 11)


def open_release(
    database: Path, dictionary: Dictionary, earlier: Sequence[Path]
) -> duckdb.DuckDBPyConnection:
    """Tables `cellule`, `connu`, `masque`, `rang` and `terme_libre` over a release's database.

    `masque(c, source_id, …)`: cells under secrecy. `rang(r, genre, bas, haut, nom)`: rows
    bas <= sum of `terme_libre.coef` × cell <= haut, known cells already on the other side.
    """
    con = duckdb.connect()
    con.execute("set threads = 2")
    con.execute(f"attach {texte_sql(database)} as pub (read_only)")
    expose(con, "chiffres_par_role", "evolutions", "territoires", "epci", of="pub")
    _declare(con, dictionary)
    con.execute(_FIGURES)
    con.execute(_CELLS)
    con.execute("create table terme(r hugeint, c bigint, coef double)")
    con.execute("create table bornes(r hugeint, genre tinyint, bas double, haut double, x bigint)")
    for statement in (_PRINTED, _VALUES, _RATIOS, _MASKED_RATIOS, _SHARES_OF_SET, _CHANGES, _GAPS):
        con.execute(statement)
    con.execute(_SUMS)
    add_national_line(con, SUM)
    con.execute(_WITHIN)
    for rank, path in enumerate(earlier):
        con.execute(f"attach {texte_sql(path)} as ant{rank} (read_only)")
        expose(con, "chiffres", of=f"ant{rank}", under=f"ant{rank}")
        con.execute(_EARLIER.format(rank=rank))
    con.execute(_FREE)
    return con


def _declare(con: duckdb.DuckDBPyConnection, dictionary: Dictionary) -> None:
    """`ind`: indicators, `formule`: their terms, `objet`: a number for each and each mesure."""
    rows, terms, gaps = [], [], []
    for code, i in dictionary.indicateurs.items():
        plain = list(i.num.values()) == [1] and i.facteur == 1 and not (i.den or i.den_ensemble)
        simple = next(iter(i.num)) if plain else None
        if r := i.rapprochement:
            gaps += [(code, base, len(r.indicateurs), r.par, r.a) for base in r.indicateurs]
        rows.append(
            (
                code,
                i.type,
                i.agregation,
                i.facteur,
                i.arrondi,
                bool(i.den),
                i.den_ensemble,
                i.publiee is not None,
                simple,
            )
        )
        terms += [(code, "num", m, c) for m, c in i.num.items()]
        terms += [(code, "den", m, c) for m, c in i.den.items()]
    con.execute(
        "create table ind(code varchar, type varchar, agregation varchar, facteur double, "
        "arrondi int, a_den bool, den_ensemble bool, publiee bool, simple varchar)"
    )
    _insert(con, "ind", rows)
    con.execute("create table rappro(code varchar, base varchar, n int, par varchar, a varchar)")
    _insert(con, "rappro", gaps)
    con.execute("create table formule(code varchar, cote varchar, mesure varchar, coef double)")
    _insert(con, "formule", terms)
    con.execute(
        "create table objet as select nom, row_number() over (order by nom) as o from ("
        "select mesure as nom from formule union select 'i:' || code from ind where simple is null)"
    )
    con.execute(
        "create table formule_o as select f.*, o.o from formule as f "
        "join objet as o on o.nom = f.mesure"
    )
    con.execute(
        "create table ind_o as select i.*, o.o from ind as i "
        "join objet as o on o.nom = coalesce(i.simple, 'i:' || i.code)"
    )


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple]) -> None:
    """All at once: one by one, those of the dictionary take 0.3 s."""
    if rows:
        columns = [pa.array(column) for column in zip(*rows, strict=True)]
        con.register("given", pa.table(columns, names=[str(i) for i in range(len(columns))]))
        con.execute(f"insert into {table} from given")
        con.unregister("given")


#: `fait`: one row per figure, x its cell; `connu`: printed cells; `masque`: cells under secrecy.
_FIGURES = """
create table terr as
select code_territoire, perimetre, type_territoire, code_departement, code_epci, est_metropole,
    row_number() over (order by code_territoire, perimetre) as t
from publie_territoires;
create macro cell(o, t, role) as (o::bigint << 24) | (t::bigint << 1) | role::bigint;
create table fait as
select cell(i.o, t.t, f.role <> 'niveau') as x, i.code, t.t, f.role <> 'niveau' as role,
    f.valeur, f.statut, f.source_id, f.periode,
    f.motif,
    f.statut like 'secret%' as secret,
    coalesce(f.motif like 'calculé sur %', false) as partiel
from publie_chiffres_par_role as f
join ind_o as i on i.code = f.code_indicateur
join terr as t on t.code_territoire = f.code_territoire and t.perimetre = f.perimetre
where f.statut = 'diffuse' or f.statut like 'secret%' or f.statut = 'non_diffuse';
create table masque as
select x as c, any_value(source_id) as source_id, any_value(code) as code from fait
where secret group by x;
create table connu as
select x as c, any_value(valeur) as v from fait
where statut = 'diffuse' and valeur is not null and x not in (select c from masque) group by x;
"""

#: The same mesure, masked under one indicator and printed under another.
_PRINTED = f"""
create table imprime as
select ({PUBLISHED}::hugeint << 64) | x as r, x, any_value(valeur) as v from fait
where statut = 'diffuse' and valeur is not null and x in (select c from masque) group by x;
insert into terme select r, x, 1.0 from imprime;
insert into bornes select r, {PUBLISHED}, v, v, x from imprime;
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
select f.x >> 24 as o, bool_and(abs(f.valeur - round(f.valeur)) < 1e-9) as entiere
from fait as f join ind as i on i.code = f.code
where f.statut = 'diffuse' and i.type = 'effectif' and i.simple is not null group by 1;
create table membre as
select s.t as ensemble, q.t as membre, s.type_territoire
from terr as q
join publie_epci as p on p.code_qpv = q.code_territoire and p.perimetre = q.perimetre
join terr as s on s.code_territoire = 'QPV@EPCI:' || p.code_epci and s.perimetre = q.perimetre
where q.type_territoire = 'qpv'
union all
select s.t, q.t, s.type_territoire from terr as q
join terr as s on s.perimetre = q.perimetre and (
    s.code_territoire = 'QPV@DEP:' || q.code_departement
    or s.code_territoire = 'QPV@FRMETRO' and q.est_metropole
)
where q.type_territoire = 'qpv';
create table autour as
select a.t as dedans, b.t as dehors from terr as a
join terr as b on b.code_territoire = replace(a.code_territoire, 'QPV@', '')
where a.code_territoire like 'QPV@%';
"""

#: A figure without denominator is the sum of its terms, printed or masked.
_VALUES = f"""
create table valeurs as
select ({VALUE}::hugeint << 64) | f.x as r, f.*, i.facteur from fait as f
join ind_o as i using (code)
where i.simple is null and not i.a_den and not i.den_ensemble and not partiel
    and code in (select code from formule);
insert into terme
select v.r, cell(o.o, v.t, v.role), v.facteur * o.coef from valeurs as v
join formule_o as o using (code)
union all select r, x, -1.0 from valeurs;
insert into bornes
select v.r, if(v.secret or i.publiee, {PUBLISHED}, {VALUE}), 0.0, 0.0, v.x from valeurs as v
join ind as i using (code);
"""

#: A printed ratio ties its terms: facteur × num - value × den = 0, or a range if it is rounded.
_RATIOS = f"""
create table rapports as
select ({RATIO}::hugeint << 64) | f.x as r, f.*, i.facteur, i.publiee, p.demi from fait as f
join ind_o as i using (code) join pas as p using (code)
where i.a_den and f.statut = 'diffuse' and f.valeur is not null and not partiel;
create table cotes as select unnest([1, -1]) as cote;
insert into terme
select r.r | (if(k.cote = 1, 0::hugeint, 1::hugeint) << 60), cell(o.o, r.t, r.role),
    if(o.cote = 'num', r.facteur, -(r.valeur - k.cote * r.demi)) * o.coef
from rapports as r join cotes as k on k.cote = 1 or r.demi > 0
join formule_o as o using (code);
insert into bornes
select r.r | (if(k.cote = 1, 0::hugeint, 1::hugeint) << 60), if(r.publiee, {PUBLISHED}, {RATIO}),
    if(k.cote = 1, 0.0, '-inf'::double), if(k.cote = -1 or r.demi = 0, 0.0, 'inf'::double), r.x
from rapports as r join cotes as k on k.cote = 1 or r.demi > 0;
insert into terme
select ({WITHIN}::hugeint << 64) | f.x, cell(o.o, f.t, f.role),
    if(o.cote = 'num', -1.0, 1.0) * o.coef
from fait as f join ind as i using (code) join formule_o as o using (code)
where i.a_den and i.type = 'part' and not partiel;
insert into bornes
select ({WITHIN}::hugeint << 64) | f.x, {WITHIN}, 0.0, 'inf', f.x from fait as f
join ind as i using (code) where i.a_den and i.type = 'part' and not partiel;
"""

#: A masked ratio whose denominator is printed is its numerator, in another unit.
_MASKED_RATIOS = f"""
create table masques_rapports as
select ({MASKED}::hugeint << 64) | f.x as r, f.x, f.code, f.t, f.role, i.facteur,
    sum(o.coef * k.v) as den
from fait as f join ind as i using (code)
join formule_o as o on o.code = f.code and o.cote = 'den'
left join connu as k on k.c = cell(o.o, f.t, f.role)
where i.a_den and f.secret
group by all having bool_and(k.v is not null) and sum(o.coef * k.v) <> 0;
insert into terme
select m.r, cell(o.o, m.t, m.role), m.facteur * o.coef from masques_rapports as m
join formule_o as o on o.code = m.code and o.cote = 'num'
union all select r, x, -den from masques_rapports;
insert into bornes select r, {MASKED}, 0.0, 0.0, x from masques_rapports;
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
insert into terme
select p.r, cell(o.o, p.t, p.role), p.facteur * o.coef from parts_ensemble as p
join formule_o as o using (code)
union all
select p.r, cell(o.o, p.ensemble, p.role), -p.valeur * o.coef from parts_ensemble as p
join formule_o as o using (code);
insert into bornes select r, {SHARE}, 0.0, 0.0, x from parts_ensemble;
"""

#: An evolution ties the two periods of one indicator.
_CHANGES = f"""
create table evol as
select ({CHANGE}::hugeint << 64) | cell(i.o, t.t, 0) as r, cell(i.o, t.t, 0) as x,
    cell(i.o, t.t, 1) as y, coalesce(e.evolution_nb, e.evolution_pts) as nb, e.evolution_pct as pct
from publie_evolutions as e
join ind_o as i on i.code = e.code_indicateur
join terr as t on t.code_territoire = e.code_territoire and t.perimetre = e.perimetre
where e.statut = 'diffuse';
insert into terme
select r, x, 1.0 from evol where nb is not null
union all select r, y, -1.0 from evol where nb is not null
union all select r | (1::hugeint << 60), x, 100.0 from evol where pct is not null
union all select r | (1::hugeint << 60), y, -100.0 - pct from evol where pct is not null;
insert into bornes
select r, {CHANGE}, nb, nb, x from evol where nb is not null
union all select r | (1::hugeint << 60), {CHANGE}, 0.0, 0.0, x from evol where pct is not null;
"""

#: A territory beside the one it is compared with; over several indicators, the mean of the gaps
#: in % of what the other one prints.
_GAPS = f"""
create table ecarts as
select ({GAP}::hugeint << 64) | f.x as r, f.x, f.secret, f.valeur, g.n, g.par,
    cell(b.o, f.t, f.role) as a, cell(b.o, ref.t, f.role) as b
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
insert into terme
select r, a, 1.0 from ecarts where par = 'ecart'
union all select r, b, -1.0 from ecarts where par = 'ecart'
union all select r, x, -1.0 from ecarts where par = 'ecart' and secret
union all
select e.r, e.a, 100.0 / (e.n * k.v) from ecarts as e semi join relatifs as l on l.r = e.r
join connu as k on k.c = e.b
union all select r, x, -1.0 from relatifs where secret;
insert into bornes
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
select ({SUM}::hugeint << 64) | c.c as r, c.c as x, (c.c >> 1) & 8388607 as ensemble,
    c.c & 1 as role, c.c >> 24 as o
from cite as c join additive as a on a.o = c.c >> 24
where (c.c >> 1) & 8388607 in (select ensemble from membre);
create table termes_somme as
select s.r, s.x, cell(s.o, m.membre, s.role) as c from sommes as s
join membre as m on m.ensemble = s.ensemble;
create table essai as
select t.x, abs(any_value(k.v) - sum(p.v)) <= 1e-6 * greatest(1, abs(any_value(k.v))) as juste
from termes_somme as t join connu as k on k.c = t.x left join connu as p on p.c = t.c
group by t.x having bool_and(p.v is not null);
create table partiel as
select (x >> 1) & 8388607 as ensemble from essai group by 1 having avg(juste::int) < {ADDS_UP};
create table tient as
select x >> 24 as o, avg(juste::int) as part from essai
where (x >> 1) & 8388607 not in (select ensemble from partiel) group by 1;
delete from sommes where o in (select o from tient where part < {ADDS_UP});
insert into terme
select r, x, 1.0 from sommes
union all select t.r, t.c, -1.0 from termes_somme as t semi join sommes as s on s.r = t.r;
insert into bornes
select r, {SUM}, 0.0, if(ensemble in (select ensemble from partiel), 'inf'::double, 0.0), x
from sommes;
"""

#: The quarters of an EPCI, a département or France are part of it.
_WITHIN = f"""
insert into terme
select ({WITHIN}::hugeint << 64) | (1::hugeint << 60) | c.c, c.c, -1.0 from cite as c
join additive as a on a.o = c.c >> 24 join autour as w on w.dedans = (c.c >> 1) & 8388607
union all
select ({WITHIN}::hugeint << 64) | (1::hugeint << 60) | c.c,
    cell(c.c >> 24, w.dehors, c.c & 1), 1.0
from cite as c join additive as a on a.o = c.c >> 24
join autour as w on w.dedans = (c.c >> 1) & 8388607;
insert into bornes
select ({WITHIN}::hugeint << 64) | (1::hugeint << 60) | c.c, {WITHIN}, 0.0, 'inf', c.c
from cite as c join additive as a on a.o = c.c >> 24
join autour as w on w.dedans = (c.c >> 1) & 8388607;
"""

#: What an earlier release printed of a cell that this one masks.
_EARLIER = f"""
create table avant{{rank}} as
select ({EARLIER}::hugeint << 64) | ({{rank}}::hugeint << 56) | f.x as r, f.x,
    any_value(a.valeur) as v
from fait as f join terr as t using (t)
join ant{{rank}}_chiffres as a
    on a.code_territoire = t.code_territoire and a.perimetre = t.perimetre
    and a.code_indicateur = f.code and a.periode = f.periode
where f.secret and a.statut = 'diffuse' and a.valeur is not null group by all;
insert into terme select r, x, 1.0 from avant{{rank}};
insert into bornes select r, {EARLIER}, v, v, x from avant{{rank}};
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
