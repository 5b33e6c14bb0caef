-- One row per QPV or local perimeter × mesure × period that the edition asks of the Sirene stock.
-- None is a zero.
with nomenclatures as (
    select distinct
        nomenclature,
        titre,
        suffixe,
        melange_tolere
    from {{ ref('stg_edition__nomenclatures') }}
),

unites as (
    select
        *,
        case
            when tranche_effectifs in ('NN', '00') then 'sans_salarie'
            when tranche_effectifs in ('01', '02', '03') then '1_9_salaries'
            when tranche_effectifs in ('11', '12') then '10_49_salaries'
            when tranche_effectifs in ('21', '22', '31', '32', '41', '42', '51', '52', '53')
                then '50_salaries_plus'
            else 'effectif_inconnu'
        end as bande
    from {{ ref('int_sirene__comptes') }}
),

par_division as (
    select
        millesime,
        perimetre,
        code_qpv,
        est_actif,
        annee_creation,
        nomenclature,
        division,
        sum(nb) as nb
    from unites
    where not est_incertain
    group by all
),

-- By section, once in each nomenclature: what is classed in another one is unknown in this one.
par_section as (
    select
        p.millesime,
        p.perimetre,
        p.code_qpv,
        p.est_actif,
        p.annee_creation,
        n.suffixe || '_section_' || coalesce(s.section, 'inconnue') as detail,
        sum(p.nb) as nb
    from par_division as p
    cross join nomenclatures as n
    left join {{ ref('stg_edition__nomenclatures') }} as s
        on n.nomenclature = s.nomenclature and p.nomenclature = s.nomenclature and p.division = s.division
    group by all
),

-- Each unit is counted twice here: with all, and by size.
croises as (
    select
        millesime,
        perimetre,
        code_qpv,
        est_actif,
        annee_creation,
        if(bande is null, '', '_' || bande) as detail,
        sum(nb) filter (not est_incertain) as nb,
        sum(nb) filter (not est_incertain and est_individuel) as _entrepreneurs_individuels,
        sum(nb) filter (not est_incertain and est_individuel is null) as _sans_entreprise,
        sum(nb) filter (not est_incertain and est_diffusion_partielle) as _diffusion_partielle,
        sum(nb) filter (not est_incertain and est_date_impossible) as _date_impossible,
        sum(nb) filter (est_incertain) as _localisation_incertaine
    from unites
    group by
        millesime, perimetre, code_qpv, est_actif, annee_creation,
        grouping sets ((), (bande))
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
    from par_section
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

-- In which nomenclature the counted activities are, active today (year 0) or created in a year.
classements as (
    select
        millesime,
        0::bigint as annee,
        nomenclature,
        sum(nb) as nb
    from par_division
    where est_actif and nomenclature is not null
    group by millesime, nomenclature
    union all
    select
        millesime,
        annee_creation as annee,
        nomenclature,
        sum(nb) as nb
    from par_division
    where annee_creation is not null and nomenclature is not null
    group by millesime, annee_creation, nomenclature
),

-- Where the enterprise of more than a few is in no file, nobody knows how many are individual.
orphelins as (
    select
        t.millesime,
        t.perimetre,
        t.code_qpv,
        t.annee,
        t.nb
    from totaux as t
    inner join totaux as tous
        on
            t.millesime = tous.millesime
            and t.perimetre = tous.perimetre
            and t.code_qpv = tous.code_qpv
            and t.annee = tous.annee
            and tous.mesure in ('sirene_actifs', 'sirene_crees')
            and t.mesure = tous.mesure || '_sans_entreprise'
    where t.nb > 0.01 * tous.nb
),

-- Sections are told in a nomenclature that all but a few of the activities are in.
lisibles as (
    select
        c.millesime,
        c.annee,
        n.suffixe,
        n.titre,
        sum(c.nb) filter (c.nomenclature = n.nomenclature) as nb_classes,
        sum(c.nb) filter (c.nomenclature <> n.nomenclature) as nb_ailleurs,
        coalesce(nb_ailleurs, 0) <= any_value(n.melange_tolere) * sum(c.nb) as est_seule
    from classements as c
    cross join nomenclatures as n
    group by c.millesime, c.annee, n.suffixe, n.titre
),

{{ mesures_de_comptage(
    'insee_sirene_etablissements',
    ref('int_sirene__situes'),
    ["976", "975", "977", "986", "987", "988"]
) }},

situes as (
    select
        *,
        if(bloc like 'creations%', year(periode_fin), 0) as annee,
        if(
            contains(mesure, '_section_'), regexp_extract(mesure, '^sirene_[a-z]+(.*)_section_', 1), null
        ) as suffixe
    from attendus
),

dits as (
    select
        s.* exclude (statut, motif, suffixe),
        case
            when s.statut <> 'diffuse' then s.statut
            when o.nb > 0 then 'non_disponible'
            when s.suffixe is null or l.est_seule then 'diffuse'
            else 'non_disponible'
        end as statut,
        case
            when s.statut <> 'diffuse' then s.motif
            when o.nb > 0
                then
                    'l''entreprise d''établissements comptés ici n''est pas au fichier des unités légales'
            when s.suffixe is null or l.est_seule then null
            when l.nb_classes is null
                then 'le stock ne classe aucun établissement compté en ' || n.titre
            else
                'le stock classe ' || round(100 * l.nb_classes / (l.nb_classes + l.nb_ailleurs))::integer
                || ' % des activités comptées en ' || n.titre
                || ', et les autres dans une autre nomenclature : aucun compte ne mélange les deux'
        end as motif
    from situes as s
    left join nomenclatures as n on s.suffixe = n.suffixe
    left join lisibles as l
        on s.millesime = l.millesime and s.annee = l.annee and s.suffixe = l.suffixe
    left join orphelins as o
        on
            s.mesure like '%entrepreneurs_individuels'
            and s.code_territoire = o.code_qpv
            and s.perimetre = o.perimetre
            and s.millesime = o.millesime
            and s.annee = o.annee
)

select
    d.code_territoire,
    d.perimetre,
    d.mesure,
    'effectif' as type_mesure,
    d.periode,
    d.periode_debut,
    d.periode_fin,
    if(d.statut = 'diffuse', coalesce(t.nb, 0), null)::double as valeur,
    d.statut,
    d.motif,
    d.bloc,
    d.source_id,
    d.millesime,
    d.fichier,
    d.sha256,
    null::integer as ligne,
    null::varchar as entete
from dits as d
left join totaux as t
    on
        d.code_territoire = t.code_qpv
        and d.perimetre = t.perimetre
        and d.mesure = t.mesure
        and d.millesime = t.millesime
        and d.annee = t.annee
