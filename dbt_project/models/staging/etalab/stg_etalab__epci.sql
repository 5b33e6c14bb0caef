select
    replace(code, 'EPCI:', '') as code_epci,
    {{ imprimable('libelle') }} as libelle,
    millesime
from {{ source('landing', 'etalab_epci') }}
