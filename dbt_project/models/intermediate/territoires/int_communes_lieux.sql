-- Where each commune in force lies: one row per commune, type of whole territory and key. A type of
-- place that communes compose adds its composition here.
with places as (
    select
        code_commune,
        'commune' as type_lieu,
        code_commune as cle
    from {{ ref('int_communes') }}
    where code_commune = code_rattachement
    union all
    select
        code_commune,
        'epci' as type_lieu,
        code_epci as cle
    from {{ ref('int_communes') }}
    where code_commune = code_rattachement and code_epci is not null
    union all
    select
        code_commune,
        'departement' as type_lieu,
        code_departement as cle
    from {{ ref('int_communes') }}
    where code_commune = code_rattachement and code_departement is not null
    union all
    select
        code_commune,
        'unite_urbaine' as type_lieu,
        code_unite_urbaine as cle
    from {{ ref('stg_insee__unites_urbaines') }}
)

select * from places
union all
-- What is left of a place without its quarters lies where the place does.
select
    p.code_commune,
    t.type_territoire as type_lieu,
    p.cle
from places as p
inner join {{ ref('stg_edition__types_territoire') }} as t on p.type_lieu = t.tout and t.hors is not null
union all
select
    p.code_commune,
    d.type_lieu,
    d.cle
from places as p
inner join {{ ref('int_departements_lieux') }} as d
    on p.type_lieu = 'departement' and p.cle = d.code_departement
