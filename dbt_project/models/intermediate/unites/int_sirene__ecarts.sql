-- One row per millésime × what establishments are counted as × two territories that share some: how many
-- are in one of them alone. Asked where a threshold judges them: the register is public, unit by unit,
-- and costs nothing here otherwise.
with regle as (
    select distinct source_id
    from {{ ref('stg_edition__secrets') }}
    where source_id = 'insee_sirene_etablissements' and acces <> 'publique' and seuil is not null
),

presences as (
    select
        millesime,
        siret,
        '2024' as perimetre,
        code_qpv_actuel as code
    from {{ ref('stg_insee__sirene_geolocalisation') }}
    where code_qpv_actuel is not null and not est_incertain_actuel
    union all
    select
        millesime,
        siret,
        '2015' as perimetre,
        code_qpv_ancien as code
    from {{ ref('stg_insee__sirene_geolocalisation') }}
    where code_qpv_ancien is not null and not est_incertain_ancien
    union all
    select
        millesime,
        siret,
        '' as perimetre,
        code_perimetre as code
    from {{ ref('int_sirene__points_locaux') }}
    where not est_incertain
),

situes as (
    select
        p.*,
        e.etat = 'A' as est_actif,
        year(e.date_creation) as annee
    from presences as p
    inner join regle on regle.source_id = 'insee_sirene_etablissements'
    inner join {{ ref('stg_insee__sirene_etablissements') }} as e
        on p.siret = e.siret and p.millesime = e.millesime
),

comptes as materialized (
    select
        millesime,
        siret,
        perimetre,
        code,
        0::bigint as annee
    from situes
    where est_actif
    union all
    select
        s.millesime,
        s.siret,
        s.perimetre,
        s.code,
        a.annee
    from situes as s
    inner join {{ ref('int_sirene__annees') }} as a on s.millesime = a.millesime and s.annee = a.annee
),

tailles as (
    select
        millesime,
        annee,
        perimetre,
        code,
        count(*) as nb
    from comptes
    group by millesime, annee, perimetre, code
),

communs as (
    select
        a.millesime,
        a.annee,
        a.code as code_a,
        a.perimetre as perimetre_a,
        b.code as code_b,
        b.perimetre as perimetre_b,
        count(*) as nb
    from comptes as a
    inner join comptes as b
        on
            a.millesime = b.millesime
            and a.annee = b.annee
            and a.siret = b.siret
            and a.code < b.code
    group by a.millesime, a.annee, a.code, a.perimetre, b.code, b.perimetre
)

select
    c.millesime,
    c.annee,
    c.code_a,
    c.perimetre_a,
    c.code_b,
    c.perimetre_b,
    (a.nb - c.nb)::integer as seulement_a,
    (b.nb - c.nb)::integer as seulement_b
from communs as c
inner join tailles as a
    on
        c.millesime = a.millesime
        and c.annee = a.annee
        and c.code_a = a.code
        and c.perimetre_a = a.perimetre
inner join tailles as b
    on
        c.millesime = b.millesime
        and c.annee = b.annee
        and c.code_b = b.code
        and c.perimetre_b = b.perimetre
