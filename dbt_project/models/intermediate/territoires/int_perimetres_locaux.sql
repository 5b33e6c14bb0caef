-- One row per local perimeter. Its département is the one that its projection is of, else that of its EPCI.
with epci as (
    select
        epci.code_epci,
        mode(c.code_departement) as code_departement
    from {{ ref('int_communes') }} as c,
        lateral (select unnest(list_distinct([c.code_epci, c.code_epci_fiscal])) as code_epci) as epci
    group by epci.code_epci
),

projections as (
    select
        code_perimetre,
        any_value(epsg) as epsg
    from {{ ref('stg_geometrie__cotes') }}
    group by code_perimetre
)

select
    p.code_perimetre,
    coalesce({{ imprimable('p.libelle') }}, substr(p.code_perimetre, 5)) as libelle,
    {{ imprimable('p.type_local') }} as type_local,
    p.code_epci,
    coalesce(
        case r.epsg when 2972 then '973' when 2975 then '974' when 4471 then '976' end,
        e.code_departement
    ) as code_departement,
    r.epsg = 2154 as est_metropole
from {{ ref('stg_observatoire__perimetres_locaux') }} as p
inner join projections as r on p.code_perimetre = r.code_perimetre
left join epci as e on p.code_epci = e.code_epci
