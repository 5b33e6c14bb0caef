-- One row per QPV in force and EPCI that it touches: membership file, else contours or list, else
-- the EPCI of the first of its communes that has one.
with qpv as (
    select * from {{ ref('int_qpv') }}
    where not est_ancien
),

tables_d_appartenance as (
    select
        t.code_qpv,
        t.perimetre,
        e.code_epci,
        e.rang::integer as rang,
        'appartenance' as origine
    from {{ ref('stg_insee__appartenance') }} as t
    inner join qpv as q on t.code_qpv = q.code_qpv and t.perimetre = q.perimetre,
        lateral (
            select
                unnest(regexp_extract_all(t.codes_epci, '\d{9}')) as code_epci,
                generate_subscripts(regexp_extract_all(t.codes_epci, '\d{9}'), 1) as rang
        ) as e
    where t.codes_epci is not null
),

colonnes_d_appartenance as (
    select
        code_qpv,
        perimetre,
        code_epci,
        1 as rang,
        'appartenance' as origine
    from {{ ref('stg_insee__qpv_epci') }}
    where code_epci is not null
    union all
    select
        code_qpv,
        perimetre,
        code_epci_deux as code_epci,
        2 as rang,
        'appartenance' as origine
    from {{ ref('stg_insee__qpv_epci') }}
    where code_epci_deux is not null
),

declarees as (
    select * from tables_d_appartenance
    union all
    select c.* from colonnes_d_appartenance as c
    where not exists (
        select 1 from tables_d_appartenance as t
        where t.code_qpv = c.code_qpv and t.perimetre = c.perimetre
    )
),

portees_par_la_liste as (
    select
        q.code_qpv,
        q.perimetre,
        e.code_epci,
        e.rang::integer as rang,
        'liste' as origine
    from qpv as q,
        lateral (
            select
                unnest(regexp_extract_all(q.code_epci, '\d{9}')) as code_epci,
                generate_subscripts(regexp_extract_all(q.code_epci, '\d{9}'), 1) as rang
        ) as e
    where
        q.code_epci is not null
        and not exists (
            select 1 from declarees as d
            where d.code_qpv = q.code_qpv and d.perimetre = q.perimetre
        )
),

connues as (
    select * from declarees
    union all
    select * from portees_par_la_liste
),

premieres_communes as (
    select
        c.code_qpv,
        c.perimetre,
        arg_min(e.code_epci, c.rang) as code_epci,
        1 as rang,
        'premiere_commune' as origine
    from {{ ref('int_qpv_communes') }} as c
    inner join {{ ref('int_communes') }} as e on c.code_commune = e.code_commune
    where
        e.code_epci is not null
        and not exists (
            select 1 from connues as k
            where k.code_qpv = c.code_qpv and k.perimetre = c.perimetre
        )
    group by c.code_qpv, c.perimetre
)

select * from connues
union all
select * from premieres_communes
