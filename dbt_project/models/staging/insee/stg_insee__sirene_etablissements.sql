-- Dates run from year 4 to 2218: only those from 1900 to the millésime's year are kept.
with types as (
    select
        millesime,
        try_cast(code as bigint) as siret,
        etat = 'A' as est_actif,
        coalesce(statut_diffusion <> 'O', false) as est_diffusion_partielle,
        try_cast(date_creation as date) as date_lue,
        date_creation is not null as est_datee,
        nullif(tranche_effectifs, '') as tranche_effectifs,
        if(nomenclature = 'NAFRev2', substr(activite, 1, 2), null) as division
    from {{ source('landing', 'insee_sirene_etablissements') }}
)

select
    millesime,
    siret,
    est_actif,
    est_diffusion_partielle,
    if(year(date_lue) between 1900 and millesime::integer, date_lue, null) as date_creation,
    est_datee and not coalesce(year(date_lue) between 1900 and millesime::integer, false)
        as est_date_impossible,
    tranche_effectifs,
    division
from types
