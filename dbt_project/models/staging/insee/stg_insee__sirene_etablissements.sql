-- Types only: what is computed of a row waits until few rows are left (int_sirene__comptes). The
-- siret stays the text that files hold: casting 42 million of them costs more than joining on text.
select
    millesime,
    code::varchar as siret,
    etat,
    statut_diffusion,
    date_creation is not null as est_datee,
    try_cast(date_creation as date) as date_creation,
    nullif(tranche_effectifs, '') as tranche_effectifs,
    activite,
    nomenclature
from {{ source('landing', 'insee_sirene_etablissements') }}
