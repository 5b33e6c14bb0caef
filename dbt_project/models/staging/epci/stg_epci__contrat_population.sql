select
    code as code_qpv,
    perimetre,
    code_epci,
    population_dans_epci::double as population_dans_epci,
    source_id,
    millesime
from {{ source('landing', 'contrat_population') }}
where population_dans_epci is not null
