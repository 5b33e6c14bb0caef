select
    millesime,
    code::varchar as siren,
    try_cast(categorie_juridique as integer) = 1000 as est_entrepreneur_individuel
from {{ source('landing', 'insee_sirene_unites_legales') }}
