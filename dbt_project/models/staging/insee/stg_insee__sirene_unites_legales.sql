select
    millesime,
    code as siren,
    coalesce(categorie_juridique, '') = '1000' as est_entrepreneur_individuel
from {{ source('landing', 'insee_sirene_unites_legales') }}
