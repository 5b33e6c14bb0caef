-- A commune without EPCI bears ZZZZZZZZZ, « Sans objet ».
select
    code as code_commune,
    millesime,
    libelle_commune,
    case when regexp_full_match(code_epci, '\d{9}') then code_epci end as code_epci,
    case when regexp_full_match(code_epci, '\d{9}') then {{ imprimable('libelle_epci') }} end as libelle_epci,
    code_departement
from {{ source('landing', 'insee_epci') }}
