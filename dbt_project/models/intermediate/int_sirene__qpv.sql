-- One row per QPV or local perimeter × mesure × period that the edition asks of the Sirene stock.
-- None is a zero.
with sections (section, premiere, derniere) as (
    values
    ('a', 1, 3),
    ('b', 5, 9),
    ('c', 10, 33),
    ('d', 35, 35),
    ('e', 36, 39),
    ('f', 41, 43),
    ('g', 45, 47),
    ('h', 49, 53),
    ('i', 55, 56),
    ('j', 58, 63),
    ('k', 64, 66),
    ('l', 68, 68),
    ('m', 69, 75),
    ('n', 77, 82),
    ('o', 84, 84),
    ('p', 85, 85),
    ('q', 86, 88),
    ('r', 90, 93),
    ('s', 94, 96),
    ('t', 97, 98),
    ('u', 99, 99)
),

divisions as (
    select
        d.division,
        s.section
    from (select distinct division from {{ ref('int_sirene__comptes') }}) as d
    inner join sections as s
        on try_cast(d.division as integer) between s.premiere and s.derniere
),

unites as (
    select
        c.*,
        coalesce(d.section, 'inconnue') as section,
        case
            when c.tranche_effectifs in ('NN', '00') then 'sans_salarie'
            when c.tranche_effectifs in ('01', '02', '03') then '1_9_salaries'
            when c.tranche_effectifs in ('11', '12') then '10_49_salaries'
            when c.tranche_effectifs in ('21', '22', '31', '32', '41', '42', '51', '52', '53')
                then '50_salaries_plus'
            else 'effectif_inconnu'
        end as bande
    from {{ ref('int_sirene__comptes') }} as c
    left join divisions as d on c.division = d.division
),

-- Each unit is counted three times: with all, by section, by size.
croises as (
    select
        millesime,
        perimetre,
        code_qpv,
        est_actif,
        annee_creation,
        case
            when section is not null then '_section_' || section
            when bande is not null then '_' || bande
            else ''
        end as detail,
        sum(nb) filter (not est_incertain) as nb,
        sum(nb) filter (not est_incertain and est_individuel) as _entrepreneurs_individuels,
        sum(nb) filter (not est_incertain and est_diffusion_partielle) as _diffusion_partielle,
        sum(nb) filter (not est_incertain and est_date_impossible) as _date_impossible,
        sum(nb) filter (est_incertain) as _localisation_incertaine
    from unites
    group by
        millesime, perimetre, code_qpv, est_actif, annee_creation,
        grouping sets ((), (section), (bande))
),

ensembles as (
    select * exclude (detail, nb)
    from croises
    where detail = ''
),

-- An uncertain location is counted as such, and in nothing else. What nobody declared falls at the end.
details as (
    select
        millesime,
        perimetre,
        code_qpv,
        est_actif,
        annee_creation,
        detail,
        nb
    from croises
    union all
    select
        millesime,
        perimetre,
        code_qpv,
        est_actif,
        annee_creation,
        detail,
        nb
    from ensembles
    unpivot (nb for detail in (columns('^_')))
),

-- What an establishment is counted as: active today, created in a year, or both.
totaux as (
    select
        millesime,
        perimetre,
        code_qpv,
        0::bigint as annee,
        'sirene_actifs' || detail as mesure,
        sum(nb) as nb
    from details
    where est_actif
    group by millesime, perimetre, code_qpv, detail
    union all
    select
        millesime,
        perimetre,
        code_qpv,
        annee_creation as annee,
        'sirene_crees' || detail as mesure,
        sum(nb) as nb
    from details
    where annee_creation is not null
    group by millesime, perimetre, code_qpv, annee_creation, detail
),

{{ mesures_de_comptage(
    'insee_sirene_etablissements',
    ref('stg_insee__sirene_points'),
    ["976", "975", "977", "986", "987", "988"]
) }}

select
    a.code_territoire,
    a.perimetre,
    a.mesure,
    'effectif' as type_mesure,
    a.periode,
    a.periode_debut,
    a.periode_fin,
    if(a.statut = 'diffuse', coalesce(t.nb, 0), null)::double as valeur,
    a.statut,
    a.motif,
    a.bloc,
    a.source_id,
    a.millesime,
    a.fichier,
    a.sha256,
    null::integer as ligne,
    null::varchar as entete
from attendus as a
left join totaux as t
    on
        a.code_territoire = t.code_qpv
        and a.perimetre = t.perimetre
        and a.mesure = t.mesure
        and a.millesime = t.millesime
        and if(a.bloc like 'creations%', year(a.periode_fin), 0) = t.annee
