-- One row per QPV × mesure × period that the edition asks of the Sirene stock. None is a zero.
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

comptes as (
    select
        c.*,
        coalesce(s.section, 'inconnue') as section,
        case
            when c.tranche_effectifs in ('NN', '00') then 'sans_salarie'
            when c.tranche_effectifs in ('01', '02', '03') then '1_9_salaries'
            when c.tranche_effectifs in ('11', '12') then '10_49_salaries'
            when c.tranche_effectifs in ('21', '22', '31', '32', '41', '42', '51', '52', '53')
                then '50_salaries_plus'
            else 'effectif_inconnu'
        end as bande
    from {{ ref('int_sirene__comptes') }} as c
    left join sections as s
        on try_cast(c.division as integer) between s.premiere and s.derniere
),

-- What each count adds to; an uncertain location adds to the count of what is left aside only.
faits as (
    select
        millesime,
        perimetre,
        code_qpv,
        null as annee,
        nb,
        unnest(
            if(
                est_incertain,
                ['sirene_actifs_localisation_incertaine'],
                [
                    'sirene_actifs',
                    'sirene_actifs_section_' || section,
                    'sirene_actifs_' || bande,
                    if(est_individuel, 'sirene_actifs_entrepreneurs_individuels', null),
                    if(est_diffusion_partielle, 'sirene_actifs_diffusion_partielle', null),
                    if(est_date_impossible, 'sirene_actifs_date_impossible', null)
                ]
            )
        ) as mesure
    from comptes
    where est_actif
    union all
    select
        millesime,
        perimetre,
        code_qpv,
        annee_creation as annee,
        nb,
        unnest(
            if(
                est_incertain,
                ['sirene_crees_localisation_incertaine'],
                [
                    'sirene_crees',
                    'sirene_crees_section_' || section,
                    if(est_individuel, 'sirene_crees_entrepreneurs_individuels', null)
                ]
            )
        ) as mesure
    from comptes
    where annee_creation is not null
),

totaux as (
    select
        millesime,
        perimetre,
        code_qpv,
        annee,
        mesure,
        sum(nb) as nb
    from faits
    where mesure is not null
    group by millesime, perimetre, code_qpv, annee, mesure
),

{{ mesures_de_comptage('insee_sirene_etablissements', ["976", "975", "977", "986", "987", "988"]) }}

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
        and (a.bloc not like 'creations%' or year(a.periode_fin) = t.annee)
