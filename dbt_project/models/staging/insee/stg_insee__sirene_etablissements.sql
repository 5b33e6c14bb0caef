-- Types only: what is computed of a row waits until few rows are left (int_sirene__comptes).
select
    millesime,
    try_cast(code as bigint) as siret,
    etat,
    statut_diffusion,
    date_creation is not null as est_datee,
    try_cast(date_creation as date) as date_creation,
    nullif(tranche_effectifs, '') as tranche_effectifs,
    activite,
    nomenclature
from {{ source('landing', 'insee_sirene_etablissements') }}
