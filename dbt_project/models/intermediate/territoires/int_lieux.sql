-- The places that a list names: one row per type of whole territory and key, with its name, alone and
-- after « QP ».
select
    'epci' as type_territoire,
    code_epci as cle,
    libelle,
    libelle_de
from {{ ref('int_epci') }}
union all
select
    'departement' as type_territoire,
    code_departement as cle,
    libelle,
    libelle_avec_article as libelle_de
from {{ ref('stg_insee__cog_departements') }}
union all
select
    'departement' as type_territoire,
    substr(code_territoire, 5) as cle,
    libelle,
    libelle_de
from {{ ref('stg_edition__noms') }}
where
    starts_with(code_territoire, 'DEP:')
    and substr(code_territoire, 5) not in (
        select d.code_departement from {{ ref('stg_insee__cog_departements') }} as d
    )
