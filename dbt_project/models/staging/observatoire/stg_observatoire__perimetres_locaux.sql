select
    code as code_perimetre,
    libelle,
    type_local,
    code_epci,
    source_id,
    millesime
from {{ source('landing', 'perimetres_locaux') }}
