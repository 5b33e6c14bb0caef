-- The view reads each column as the registry declares it, and landing has judged it. The siret stays the
-- text that files hold: casting 42 million of them costs more than joining on text.
select
    millesime,
    code as siret,
    etat,
    statut_diffusion,
    date_creation,
    tranche_effectifs,
    activite,
    nomenclature
from {{ source('landing', 'insee_sirene_etablissements') }}
