-- One row per EPCI, with its name, alone and after « QP »: what is declared, then the newest
-- composition that has it, then the territories of Grand Paris, then the lists.
with noms as (
    select
        replace(code_territoire, 'EPCI:', '') as code_epci,
        libelle,
        0 as rang,
        null as millesime
    from {{ ref('stg_edition__noms') }}
    where starts_with(code_territoire, 'EPCI:')
    union all
    select distinct
        code_epci,
        libelle_epci as libelle,
        1 as rang,
        millesime
    from {{ ref('stg_insee__epci') }}
    union all
    select distinct
        code_ept as code_epci,
        libelle_ept as libelle,
        2 as rang,
        millesime
    from {{ ref('stg_insee__ept') }}
    union all
    select
        code_epci,
        libelle,
        3 as rang,
        millesime
    from {{ ref('stg_etalab__epci') }}
    union all
    select
        code_epci,
        {{ imprimable('libelle_epci') }} as libelle,
        4 as rang,
        millesime
    from {{ ref('stg_anct__liste_qpv') }}
    where regexp_full_match(code_epci, '\d{9}')
),

choisis as (
    select
        code_epci,
        libelle,
        max(if(rang = 1, millesime, null)) over (partition by code_epci) as millesime_composition,
        bool_or(rang <> 1) over (partition by code_epci) as est_nomme_ailleurs
    from noms
    where code_epci is not null and libelle is not null
    qualify row_number() over (partition by code_epci order by rang asc, millesime desc, libelle asc) = 1
)

select
    c.code_epci,
    c.libelle,
    {{ apres_de('c.libelle') }} as libelle_de,
    not c.est_nomme_ailleurs
    and c.millesime_composition < (select max(millesime) from {{ ref('stg_insee__epci') }}) as est_disparu,
    c.millesime_composition
from choisis as c
