-- The places that a list names: one row per type of whole territory and key, with its name, alone and
-- after « QP ». A declared name serves where no list has one.
with noms as (
    select
        'epci' as type_territoire,
        code_epci as cle,
        libelle,
        libelle_de,
        0 as rang
    from {{ ref('int_epci') }}
    union all
    select
        'commune' as type_territoire,
        code_commune as cle,
        libelle_commune as libelle,
        {{ apres_de('libelle_commune') }} as libelle_de,
        0 as rang
    from {{ ref('int_communes') }}
    where libelle_commune is not null
    union all
    select distinct
        'unite_urbaine' as type_territoire,
        code_unite_urbaine as cle,
        'Unité urbaine ' || {{ apres_de('libelle_unite_urbaine') }} as libelle,
        'de l''unité urbaine ' || {{ apres_de('libelle_unite_urbaine') }} as libelle_de,
        0 as rang
    from {{ ref('stg_insee__unites_urbaines') }}
    union all
    select
        'departement' as type_territoire,
        code_departement as cle,
        libelle,
        libelle_avec_article as libelle_de,
        0 as rang
    from {{ ref('stg_insee__cog_departements') }}
    union all
    select
        t.type_territoire,
        substr(n.code_territoire, length(t.prefixe) + 1) as cle,
        n.libelle,
        n.libelle_de,
        1 as rang
    from {{ ref('stg_edition__noms') }} as n
    inner join {{ ref('stg_edition__types_territoire') }} as t
        on t.est_entier and starts_with(n.code_territoire, t.prefixe)
),

lieux as (
    select
        type_territoire,
        cle,
        libelle,
        libelle_de
    from noms
    qualify row_number() over (partition by type_territoire, cle order by rang) = 1
)

select * from lieux
union all
select
    t.type_territoire,
    l.cle,
    l.libelle || ' hors QPV' as libelle,
    l.libelle_de || ' hors QPV' as libelle_de
from lieux as l
inner join {{ ref('stg_edition__types_territoire') }} as t
    on l.type_territoire = t.tout and t.hors is not null
