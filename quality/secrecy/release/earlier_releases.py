"""What earlier releases printed of cells that this one masks, as far as it is still their value."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from warehouse.release.connect import texte_sql
from warehouse.release.relations import expose

#: `perime`: cells of which a release printed what is not their value any more.
_OUTDATED = """
create table perime as
select cell(o.o, t.t, p.p) as c from (
    select unnest($1::varchar[]) as code_territoire, unnest($2::varchar[]) as perimetre,
        unnest($3::varchar[]) as nom, unnest($4::varchar[]) as periode
) join terr as t using (code_territoire, perimetre)
join objet as o using (nom) join per as p using (periode)
"""
#: And the rates that are made of them.
_OUTDATED_RATES = """
insert into perime
select distinct f.x from fait as f join formule_p as o using (code, quartier, p)
where f.secret and cell(o.o, f.t, o.pt) in (select c from perime)
"""
#: `avant<rank>`: cells that this release masks, with what the other printed.
_PRINTED = """
create table avant{rank} as
select ({kind}::hugeint << 64) | ({rank}::hugeint << 56) | f.x as r, f.x,
    any_value(a.valeur) as v
from fait as f join terr as t using (t)
join ant{rank}_chiffres as a
    on a.code_territoire = t.code_territoire and a.perimetre = t.perimetre
    and a.code_indicateur = f.code and a.periode = f.periode
where f.secret and a.statut = 'diffuse' and a.valeur is not null
    and f.x not in (select c from perime)
group by all;
insert into terme_brut select r, x, 1.0 from avant{rank};
insert into bornes_brut select r, {kind}, v, v, x from avant{rank};
"""
#: And the changes that it printed of them: they tie two periods.
_CHANGES = """
create or replace temp table change_avant as
select row_number() over () as n, cell(i.o, t.t, p.p) as x, cell(i.o, t.t, b.p) as y,
    coalesce(e.evolution_nb, e.evolution_pts) as nb, e.evolution_pct as pct
from ant{rank}_evolutions as e
join ind_o as i on i.code = e.code_indicateur
join terr as t on t.code_territoire = e.code_territoire and t.perimetre = e.perimetre
join per as p on p.periode = e.periode
join per as b on b.periode = e.periode_comparaison
where e.statut = 'diffuse'
    and (x in (select c from masque) or y in (select c from masque))
    and x not in (select c from perime) and y not in (select c from perime);
create or replace temp table change_dit as
select ({kind}::hugeint << 64) | ({rank}::hugeint << 56) | (1::hugeint << 55) | n as r, x, y,
    1.0 as de_x, -1.0 as de_y, nb as somme from change_avant where nb is not null
union all
select ({kind}::hugeint << 64) | ({rank}::hugeint << 56) | (3::hugeint << 54) | n, x, y,
    100.0, -100.0 - pct, 0.0 from change_avant where pct is not null;
insert into terme_brut
select r, x, de_x from change_dit union all select r, y, de_y from change_dit;
insert into bornes_brut select r, {kind}, somme, somme, x from change_dit;
"""


def add_earlier(
    con: duckdb.DuckDBPyConnection,
    kind: int,
    earlier: Sequence[Path],
    revisees: Collection[tuple[str, str, str, str]],
) -> None:
    """Rows of `kind`: a masked cell is what an earlier release printed of it, changes too.

    Args:
        con: tables `fait`, `terr`, `per`, `objet`, `formule_p`, `terme_brut`, `bornes_brut`.
        earlier: databases of the releases; revisees: (territory, perimeter, mesure, period) that
            have another value since: nobody knows them by these releases.
    """
    if not earlier:
        return
    con.execute(_OUTDATED, [list(names) for names in zip(*revisees, strict=True)] or [[]] * 4)
    con.execute(_OUTDATED_RATES)
    for rank, path in enumerate(earlier):
        con.execute(f"attach {texte_sql(path)} as ant{rank} (read_only)")
        expose(con, "chiffres", "evolutions", of=f"ant{rank}", under=f"ant{rank}")
        con.execute(_PRINTED.format(kind=kind, rank=rank))
        con.execute(_CHANGES.format(kind=kind, rank=rank))
