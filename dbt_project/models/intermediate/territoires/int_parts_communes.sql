-- One row per QPV and commune: the share of the quarter that lives there, between 0 and 1. Insee
-- gives people in QPV by commune: they are one quarter's where the commune has only one.
with populations as (
    select
        code_territoire as code_qpv,
        perimetre,
        valeur as population_qpv,
        periode
    from {{ ref('int_mesures_montrees') }}
    where
        mesure = 'pop_municipale'
        and choix = 'niveau'
        and statut = 'diffuse'
        and code_territoire ~ 'Q[PN].*'
),

communales as (
    select
        replace(code_territoire, 'COM:', '') as code_commune,
        perimetre,
        valeur as population_en_qpv,
        periode
    from {{ ref('int_mesures_montrees') }}
    where mesure = 'pop_en_qpv' and choix = 'niveau' and statut = 'diffuse'
),

comptes as (
    select
        *,
        count(*) over (partition by code_qpv, perimetre) as nb_communes,
        count(*) over (partition by code_commune, perimetre) as nb_qpv
    from {{ ref('int_qpv_communes') }}
),

places as (
    select
        c.*,
        p.population_qpv,
        if(c.nb_qpv = 1 and m.periode = p.periode, m.population_en_qpv, null) as population_commune
    from comptes as c
    left join populations as p on c.code_qpv = p.code_qpv and c.perimetre = p.perimetre
    left join communales as m on c.code_commune = m.code_commune and c.perimetre = m.perimetre
),

sommes as (
    select
        *,
        case
            when nb_communes = 1 and est_complete then 1
            when est_complete then population_commune / nullif(population_qpv, 0)
        end as part
    from places
),

juges as (
    select
        *,
        coalesce(sum(part) over (partition by code_qpv, perimetre) > 1, false) as depasse
    from sommes
)

select
    code_qpv,
    perimetre,
    code_commune,
    rang,
    if(depasse, null, part)::double as part_population,
    case
        when depasse
            then 'les populations des communes, additionnées, dépassent celle du quartier : part écartée'
        when part is not null then null
        when not est_complete then 'la liste lue ne donne qu''une commune par quartier'
        when population_qpv is null then 'population du quartier non lue dans cette édition'
        when nb_qpv > 1 then 'la commune a plusieurs QPV : leur population n''y est donnée qu''ensemble'
        else 'population communale en QPV non lue pour la même période'
    end as motif_part,
    est_complete
from juges
