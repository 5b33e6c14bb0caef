-- With `int_sirene__ecarts`, the only model that reads establishments one by one: what lies in a QPV or in
-- a local perimeter (perimetre is then empty), then counts of it.
-- Years of creation that the edition does not ask for are not told apart.
with locaux as materialized (
    select * from {{ ref('int_sirene__points_locaux') }}
),

-- Held apart, and joined by one key: DuckDB would otherwise test each siret of the stock against a
-- Bloom filter while it reads, which is slower here than the join itself.
points as materialized (
    select * from {{ ref('stg_insee__sirene_geolocalisation') }}
    union all
    select distinct
        l.millesime,
        l.siret,
        null::varchar as code_qpv_actuel,
        null::boolean as est_incertain_actuel,
        null::varchar as code_qpv_ancien,
        null::boolean as est_incertain_ancien
    from locaux as l
    anti join {{ ref('stg_insee__sirene_geolocalisation') }} as g
        on l.siret = g.siret and l.millesime = g.millesime
),

-- Dates run from year 4 to 2218: only those from 1900 to the millésime's year are believed.
localises as (
    select
        e.millesime,
        e.siret,
        substr(e.siret, 1, 9) as siren,
        e.etat = 'A' as est_actif,
        e.statut_diffusion in ('P', 'N') as est_diffusion_partielle,
        e.date_creation is not null as est_datee,
        if(
            year(e.date_creation) between 1900 and substr(e.millesime, 1, 4)::integer,
            year(e.date_creation), null
        ) as annee,
        e.nomenclature,
        substr(e.activite, 1, 2) as division,
        e.tranche_effectifs,
        g.code_qpv_actuel,
        g.est_incertain_actuel,
        g.code_qpv_ancien,
        g.est_incertain_ancien
    from {{ ref('stg_insee__sirene_etablissements') }} as e
    inner join points as g
        on e.siret = g.siret
    where if(e.millesime = g.millesime, true, false)
),

etablissements as materialized (
    select
        l.* exclude (annee),
        a.annee as annee_creation,
        l.est_datee and l.annee is null as est_date_impossible
    from localises as l
    left join {{ ref('int_sirene__annees') }} as a on l.millesime = a.millesime and l.annee = a.annee
    where l.est_actif or a.annee is not null
),

entreprises as (
    select
        u.millesime,
        u.siren,
        u.est_entrepreneur_individuel
    from {{ ref('stg_insee__sirene_unites_legales') }} as u
    where u.siren in (select etablissements.siren from etablissements)
),

-- An establishment whose enterprise is in no file is neither: not known.
qualifies as materialized (
    select
        e.*,
        u.est_entrepreneur_individuel as est_individuel
    from etablissements as e
    left join entreprises as u on e.siren = u.siren and e.millesime = u.millesime
),

par_perimetre as (
    select
        *,
        '2024' as perimetre,
        code_qpv_actuel as code_qpv,
        est_incertain_actuel as est_incertain
    from qualifies
    where code_qpv_actuel is not null
    union all
    select
        *,
        '2015' as perimetre,
        code_qpv_ancien as code_qpv,
        est_incertain_ancien as est_incertain
    from qualifies
    where code_qpv_ancien is not null
    union all
    select
        q.*,
        '' as perimetre,
        l.code_perimetre as code_qpv,
        l.est_incertain
    from qualifies as q
    inner join locaux as l on q.siret = l.siret and q.millesime = l.millesime
)

select
    p.millesime,
    p.perimetre,
    p.code_qpv,
    p.est_incertain,
    p.est_actif,
    p.est_individuel,
    p.est_diffusion_partielle,
    p.est_date_impossible,
    p.annee_creation,
    d.nomenclature,
    d.division,
    p.tranche_effectifs,
    count(*) as nb
from par_perimetre as p
left join {{ ref('stg_edition__nomenclatures') }} as d
    on p.nomenclature = d.nomenclature and p.division = d.division
group by all
