"""A producer's own line of all its QPV as a reader uses it: one more total, rounded or not."""

from __future__ import annotations

import duckdb

from warehouse.domain.producteur import ARRONDIS, NOMS, TYPE

#: `membre_ligne`: the quarters of each figure of the line, by the words beside it.
_MEMBERS = f"""
create table ligne as
select f.x, objet_de(f.x) as o, f.p, f.valeur, f.motif, coalesce(a.pas, 0) / 2.0 as demi,
    t.perimetre
from fait as f join terr as t using (t)
join ind as i on i.code = f.code
left join arrondi_dit as a on contains(f.motif, a.mots)
where t.type_territoire = '{TYPE}' and f.statut = 'diffuse' and f.valeur is not null
    and i.simple is not null and i.type = 'effectif' and objet_de(f.x) in (select o from additive);
create table membre_ligne as
select l.x, cell(l.o, q.t, l.p) as c from ligne as l
join terr as q on q.type_territoire = 'qpv' and q.perimetre = l.perimetre
join zone_dite as z on contains(l.motif, z.mots)
    and if(z.zone = 'metropole', q.est_metropole, q.code_departement = z.zone);
"""

#: A line that its known quarters already exceed is of other quarters: it says nothing.
_ROWS = """
delete from ligne where x in (
    select l.x from ligne as l join membre_ligne as m using (x) join connu as k on k.c = m.c
    group by l.x having sum(k.v) > any_value(l.valeur + l.demi) + 1e-6);
insert into terme_brut
select ({kind}::hugeint << 64) | (1::hugeint << 60) | x, x, 1.0 from ligne
union all
select ({kind}::hugeint << 64) | (1::hugeint << 60) | m.x, m.c, -1.0
from membre_ligne as m semi join ligne as l using (x);
insert into bornes_brut
select ({kind}::hugeint << 64) | (1::hugeint << 60) | x, {kind}, -demi, demi, x from ligne;
"""


def add_national_line(con: duckdb.DuckDBPyConnection, kind: int) -> None:
    """Rows of `kind` that tie the figures of the line to those of the quarters it covers.

    Args:
        con: tables `fait`, `terr`, `ind`, `additive`, `connu`, `terme_brut`, `bornes_brut`.
    """
    said = [(zone, f"de {name}") for zone, name in NOMS.items()]
    con.execute("create table zone_dite(zone varchar, mots varchar)")
    con.executemany("insert into zone_dite values (?, ?)", said)
    con.execute("create table arrondi_dit(pas double, mots varchar)")
    con.executemany("insert into arrondi_dit values (?, ?)", list(ARRONDIS.items()))
    con.execute(_MEMBERS)
    con.execute(_ROWS.format(kind=kind))
