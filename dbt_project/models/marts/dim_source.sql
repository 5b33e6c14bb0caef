select
    source_id::varchar as source_id,
    millesime::varchar as millesime,
    titre::varchar as titre,
    producteur::varchar as producteur,
    page::varchar as page,
    licence::varchar as licence,
    confiance::varchar as confiance,
    remarque::varchar as remarque,
    fichier::varchar as fichier,
    sha256::varchar as sha256,
    etat::varchar as etat,
    periodes::varchar as periodes,
    niveaux_jamais_lus::varchar as niveaux_jamais_lus
from {{ ref('stg_edition__fichiers') }}
order by source_id, millesime, fichier
