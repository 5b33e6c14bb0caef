select
    code as code_commune,
    libelle_commune,
    code_epci,
    libelle_epci,
    code_departement
from {{ source('landing', 'insee_epci') }}
