-- Every source of the registry lands with these columns: one model, and a new source adds none.
select
    code_territoire,
    perimetre,
    mesure,
    type_mesure,
    periode,
    periode_debut,
    periode_fin,
    valeur,
    statut,
    motif,
    champ,
    bloc,
    source_id,
    millesime,
    fichier,
    sha256,
    ligne,
    entete
from {{ source('landing', 'mesures') }}
