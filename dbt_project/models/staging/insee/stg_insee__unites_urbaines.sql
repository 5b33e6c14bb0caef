-- The file gathers communes that are in none: « Communes hors unité urbaine du département 01 ».
select
    code as code_commune,
    code_unite_urbaine,
    {{ imprimable('libelle_unite_urbaine') }} as libelle_unite_urbaine
from {{ source('landing', 'insee_unites_urbaines') }}
where code_unite_urbaine not like '%000'
qualify row_number() over (partition by code order by millesime desc) = 1
