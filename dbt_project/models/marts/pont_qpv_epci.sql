with libelles as (
    select
        code_epci,
        any_value(libelle_epci) as libelle_epci
    from {{ ref('stg_insee__epci') }}
    group by code_epci
)

select
    e.code_qpv::varchar as code_qpv,
    e.perimetre::varchar as perimetre,
    e.code_epci::varchar as code_epci,
    l.libelle_epci::varchar as libelle_epci,
    e.rang::integer as rang,
    null::double as part_population,
    e.origine::varchar as origine
from {{ ref('int_qpv_epci') }} as e
left join libelles as l on e.code_epci = l.code_epci
order by e.perimetre, e.code_qpv, e.rang
