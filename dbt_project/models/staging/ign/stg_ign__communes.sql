select
    replace(code, 'COM:', '') as code_commune,
    {{ imprimable('libelle') }} as libelle,
    geometrie,
    millesime
from {{ source('landing', 'ign_communes') }}
