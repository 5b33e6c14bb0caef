-- One row per QPV and EPCI: how many of its people live there, and their share between 0 and 1:
-- the whole quarter, else its communes (same census), else the contract's list (another one).
with populations as (
    select
        code_territoire as code_qpv,
        perimetre,
        valeur as population_qpv,
        periode,
        source_id,
        millesime
    from {{ ref('int_mesures_montrees') }}
    where
        mesure = 'pop_municipale'
        and choix = 'niveau'
        and statut = 'diffuse'
        and code_territoire ~ 'Q[PN].*'
),

communes as (
    select
        c.code_qpv,
        c.perimetre,
        e.code_epci,
        if(bool_and(c.part_population is not null), sum(c.part_population), null) as part_communes
    from {{ ref('int_parts_communes') }} as c
    inner join {{ ref('int_communes') }} as e on c.code_commune = e.code_commune
    group by c.code_qpv, c.perimetre, e.code_epci
),

contrats as (
    select
        *,
        row_number() over (partition by code_qpv, perimetre, code_epci order by millesime desc) as recence
    from {{ ref('stg_epci__contrat_population') }}
),

places as (
    select
        e.code_qpv,
        e.perimetre,
        e.code_epci,
        e.rang,
        e.origine,
        p.population_qpv,
        p.periode as periode_qpv,
        k.population_dans_epci as population_contrat,
        k.source_id as source_contrat,
        k.millesime as millesime_contrat,
        p.source_id,
        p.millesime,
        c.part_communes,
        count(*) over (partition by e.code_qpv, e.perimetre) = 1
        and e.origine <> 'premiere_commune' as est_entier,
        e.code_epci in (select code_epci from contrats) as a_contrat
    from {{ ref('int_qpv_epci') }} as e
    left join populations as p on e.code_qpv = p.code_qpv and e.perimetre = p.perimetre
    left join communes as c
        on e.code_qpv = c.code_qpv and e.perimetre = c.perimetre and e.code_epci = c.code_epci
    left join contrats as k
        on
            e.code_qpv = k.code_qpv and e.perimetre = k.perimetre
            and e.code_epci = k.code_epci and k.recence = 1
),

sommes as (
    select
        *,
        case
            when est_entier then 1
            else coalesce(part_communes, population_contrat / nullif(population_qpv, 0))
        end as part
    from places
),

juges as (
    select
        *,
        coalesce(part > 1, false) as exces,
        coalesce(sum(part) over (partition by code_qpv, perimetre) > 1, false) as depasse
    from sommes
),

-- An EPCI with a contract counts by its contract alone: two censuses are not added.
habitants as (
    select
        *,
        a_contrat and perimetre = (select any_value(perimetre) from contrats) as compte_par_contrat,
        if(exces or depasse, null, part) as part_sure
    from juges
)

select
    code_qpv,
    perimetre,
    code_epci,
    rang,
    origine,
    population_qpv,
    periode_qpv,
    if(compte_par_contrat, population_contrat, population_qpv * part_sure) as population_dans_epci,
    part_sure::double as part_population,
    case
        when exces
            then
                'le contrat compte dans l''EPCI plus d''habitants que n''en a le quartier : '
                || 'les deux sources ne décrivent pas le même recensement, part écartée'
        when depasse and part is not null
            then 'les parts des EPCI, additionnées, dépassent le quartier entier : parts écartées'
        when est_entier or part_communes is not null then null
        when part is not null
            then
                'population du contrat rapportée à la population municipale ' || periode_qpv
                || ' : deux sources, une part approchée'
        when origine = 'premiere_commune' then 'seul l''EPCI de la première commune est connu'
        when population_qpv is null then 'population du quartier non lue dans cette édition'
        else 'aucun fichier lu ne dit combien de ses habitants vivent dans cet EPCI'
    end as motif_part,
    case
        when compte_par_contrat then source_contrat
        when part_sure is not null then source_id
    end as source_id,
    case
        when compte_par_contrat then millesime_contrat
        when part_sure is not null then millesime
    end as millesime
from habitants
