"""Figures that only a masked one can give: its gaps, its ranks, its changes, what is made of it.

A release tells none of them, whether or not this one gives it back: the rule is the whole proof.
"""

from __future__ import annotations

from collections.abc import Collection

import duckdb

#: `cache`: the masked figures of sources that we must protect, by name.
_MASKED = """
create table cache as
select distinct t.code_territoire, t.perimetre, f.code, f.periode
from fait as f join terr as t using (t) where f.secret and f.source_id in (select unnest($1))
"""
#: Each row: who, where, when, and what is told of it. The other side of a gap counts too.
_TOLD = """
with ecart as (
    select *, coalesce(valeur, ecart, evolution_ecart) is not null as dit,
        coalesce(ecart_comparaison, evolution_ecart) is not null as dit_avant
    from publie_ecarts
),
rang as (
    select *, coalesce(valeur, rang_france, rang_taille, rang_semblables, cinquieme_france,
        cinquieme_taille, cinquieme_semblables) is not null or niveau is not null as dit,
        rang_mouvement is not null or mouvement is not null as dit_avant
    from publie_positions
),
evolution as (
    select * from publie_evolutions
    where coalesce(evolution_nb, evolution_pct, evolution_pts) is not null
),
dit as (
    select code_territoire, perimetre, code_indicateur as code, periode, 'écart' as quoi
    from ecart where dit
    union all
    select code_reference, null, code_indicateur, periode, 'écart de ' || code_territoire
    from ecart where coalesce(valeur_reference, ecart, evolution_ecart) is not null
    union all
    select code_territoire, perimetre, code_indicateur, periode_comparaison, 'écart au départ'
    from ecart where dit_avant
    union all
    select code_reference, null, code_indicateur, periode_comparaison,
        'écart au départ de ' || code_territoire
    from ecart where dit_avant
    union all
    select code_territoire, perimetre, code_indicateur, periode, 'rang' from rang where dit
    union all
    select code_territoire, perimetre, code_indicateur, periode_comparaison, 'rang de l''évolution'
    from rang where dit_avant
    union all
    select code_territoire, perimetre, code_indicateur, periode, 'rang de l''évolution'
    from rang where dit_avant
    union all
    select code_territoire, perimetre, code_indicateur, unnest([periode, periode_comparaison]),
        'évolution'
    from evolution
)
select distinct c.code || ', ' || c.code_territoire || ', ' || c.periode || ' (' || d.quoi || ')'
from dit as d
join cache as c
    on c.code_territoire = d.code_territoire and c.code = d.code and c.periode = d.periode
    and c.perimetre = coalesce(d.perimetre, c.perimetre)
order by 1
"""
#: Printed though a count of its formula is masked: by itself, or as a rate of a printed whole.
_MADE_OF = """
with compte as (
    select c, source_id from masque
    union all
    select any_value(cell(o.o, f.t, o.pt)), any_value(f.source_id)
    from masques_rapports as m
    join fait as f using (x)
    join formule_p as o on o.code = f.code and o.quartier = f.quartier and o.p = f.p
    where o.cote = 'num'
    group by m.x having count(*) = 1
)
select distinct f.code || ', ' || t.code_territoire || ', ' || f.periode
    || ' (fait de ' || o.mesure || ')'
from fait as f
join terr as t using (t)
join formule_p as o on o.code = f.code and o.quartier = f.quartier and o.p = f.p
join compte as m on m.c = cell(o.o, f.t, o.pt)
where f.statut = 'diffuse' and f.valeur is not null and not f.partiel
    and f.x not in (select c from masque) and m.c not in (select c from connu)
    and f.source_id in (select unnest($1)) and m.source_id in (select unnest($1))
order by 1
"""


def told_of_masked(con: duckdb.DuckDBPyConnection, sources: Collection[str]) -> list[str]:
    """Names of the figures printed beside what is masked in these sources.

    Args:
        con: what `release_rows.open_release` gives.
    """
    if not sources:
        return []
    con.execute(_MASKED, [list(sources)])
    told = [name for (name,) in con.execute(_TOLD).fetchall()]
    return told + [name for (name,) in con.execute(_MADE_OF, [list(sources)]).fetchall()]
