-- What the map draws under the quarters: one row per commune or EPCI with a quarter and commune of it
-- whose outline was read. The outline of a place is the union of its rows.
select
    t.code_territoire,
    t.type_territoire,
    t.libelle,
    l.code_commune,
    k.geometrie
from {{ ref('int_communes_lieux') }} as l
inner join {{ ref('stg_ign__communes') }} as k on l.code_commune = k.code_commune
inner join {{ ref('stg_edition__types_territoire') }} as g on l.type_lieu = g.type_territoire
inner join {{ ref('int_territoires') }} as t
    on g.prefixe || l.cle = t.code_territoire and g.type_territoire = t.type_territoire
where l.type_lieu in ('commune', 'epci')
order by t.code_territoire, l.code_commune
