select
    millesime,
    code as siren,
    categorie_juridique is not distinct from '1000' as est_entrepreneur_individuel
from {{ source('landing', 'insee_sirene_unites_legales') }}
