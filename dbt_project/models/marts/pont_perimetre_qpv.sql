select
    code_perimetre::varchar as code_perimetre,
    code_qpv::varchar as code_qpv,
    perimetre::varchar as perimetre,
    superficie_commune_ha::double as superficie_commune_ha,
    part_perimetre::double as part_perimetre,
    part_qpv::double as part_qpv
from {{ ref('stg_geometrie__recouvrements') }}
order by code_perimetre, code_qpv
