select
    e.code_qpv::varchar as code_qpv,
    e.perimetre::varchar as perimetre,
    e.code_epci::varchar as code_epci,
    l.libelle::varchar as libelle_epci,
    e.rang::integer as rang,
    e.population_qpv::double as population_qpv,
    e.periode_qpv::varchar as periode_qpv,
    e.population_dans_epci::double as population_dans_epci,
    e.part_population::double as part_population,
    e.motif_part::varchar as motif_part,
    e.source_id::varchar as source_id,
    e.millesime::varchar as millesime,
    e.origine::varchar as origine
from {{ ref('int_parts_epci') }} as e
left join {{ ref('int_epci') }} as l on e.code_epci = l.code_epci
order by e.perimetre, e.code_qpv, e.rang
