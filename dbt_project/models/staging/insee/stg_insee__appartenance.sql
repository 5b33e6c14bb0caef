select
    code as code_qpv,
    perimetre,
    libelle,
    codes_communes,
    codes_epci,
    source_id,
    millesime
from {{ source('landing', 'insee_appartenance') }}
