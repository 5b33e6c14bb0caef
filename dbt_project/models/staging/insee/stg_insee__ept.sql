-- The file names the territory alone: « Plaine Commune ».
select
    code as code_commune,
    millesime,
    code_ept,
    'EPT ' || regexp_replace({{ imprimable('libelle_ept') }}, '^EPT ', '') as libelle_ept
from {{ source('landing', 'insee_ept') }}
where regexp_full_match(code_ept, '\d{9}')
