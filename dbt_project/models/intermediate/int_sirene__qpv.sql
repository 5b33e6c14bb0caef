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

-- What an establishment is counted as: active today, created in a year, or both.
comptes as materialized (
    select
        *,
        0::bigint as annee,
        'sirene_actifs' as titre
    from unites
    where est_actif
    union all
    select
        *,
        annee_creation as annee,
        'sirene_crees' as titre
    from unites
    where annee_creation is not null
),

{% set detail = {
    "''": "true",
    "'_section_' || section": "true",
    "'_' || bande": "true",
    "'_entrepreneurs_individuels'": "est_individuel",
    "'_diffusion_partielle'": "est_diffusion_partielle",
    "'_date_impossible'": "est_date_impossible",
} %}

-- An uncertain location is counted as such, and in nothing else. What nobody declared falls at the end.
faits as (
    select
        millesime,
        perimetre,
        code_qpv,
        annee,
        titre || '_localisation_incertaine' as mesure,
        nb
    from comptes
    where est_incertain
    {%- for suffixe, condition in detail.items() %}
        union all
        select
            millesime,
            perimetre,
            code_qpv,
            annee,
            titre || {{ suffixe }} as mesure,
            nb
        from comptes
        where not est_incertain and {{ condition }}
    {%- endfor %}
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
        and if(a.bloc like 'creations%', year(a.periode_fin), 0) = t.annee
