select
    code as code_qpv,
    perimetre,
    libelle,
    codes_communes,
    code_epci,
    geometrie,
    source_id,
    millesime
from {{ source('landing', 'anct_contours') }}
