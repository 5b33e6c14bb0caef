-- What holds each département: one row per département and type of larger place. France entière is
-- the départements, as Insee counts them: not the collectivités of overseas.
with departements as (
    select code_departement from {{ ref('int_qpv') }}
    union
    select code_departement from {{ ref('int_communes') }}
    where code_departement is not null
)

select
    code_departement,
    'region' as type_lieu,
    code_region as cle
from {{ ref('stg_insee__cog_departements') }}
where code_region is not null
union all
select
    code_departement,
    'france' as type_lieu,
    '' as cle
from departements
where code_departement !~ '9[78].'
union all
select
    code_departement,
    'france_entiere' as type_lieu,
    '' as cle
from departements
where code_departement !~ '9(8.|7[578])'
