-- One row per QPV in force and commune. Producers write lists with ; or nothing between, or lose a zero.
with eclates as (
    select
        code_qpv,
        perimetre,
        case
            when codes_communes ~ '\d{4}' then ['0' || codes_communes]
            else regexp_extract_all(codes_communes, '\d[0-9AB]\d{3}')
        end as communes
    from {{ ref('int_qpv') }}
    where not est_ancien
)

select
    eclates.code_qpv,
    eclates.perimetre,
    commune.code_commune,
    commune.rang::integer as rang
from eclates,
    lateral (
        select
            unnest(eclates.communes) as code_commune,
            generate_subscripts(eclates.communes, 1) as rang
    ) as commune
