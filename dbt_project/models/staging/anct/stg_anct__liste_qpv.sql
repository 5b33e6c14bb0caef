select
    code as code_qpv,
    perimetre,
    libelle,
    codes_communes,
    code_epci,
    libelle_epci,
    source_id,
    millesime
from {{ source('landing', 'anct_liste_qpv') }}
