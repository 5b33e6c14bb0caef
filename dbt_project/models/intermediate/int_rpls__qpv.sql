-- One row per QPV × mesure that the edition asks of the file of dwellings. None is a zero.
with comptes as (
    select * from {{ ref('int_rpls__comptes') }}
),

-- What each count adds to, and how much; an uncertain location adds to what is left aside only.
faits as (
    select
        millesime,
        perimetre,
        code_qpv,
        nb,
        'rpls_detail_localisation_incertaine' as mesure
    from comptes
    where code_qpv is not null and est_incertain
    union all
    select
        millesime,
        perimetre,
        code_qpv_declare as code_qpv,
        nb,
        'rpls_detail_declares' as mesure
    from comptes
    where code_qpv_declare is not null
    union all
    select
        millesime,
        perimetre,
        code_qpv,
        nb * nb_pieces as nb,
        'rpls_detail_pieces' as mesure
    from comptes
    where code_qpv is not null and not est_incertain and nb_pieces is not null
    union all
    select
        millesime,
        perimetre,
        code_qpv,
        nb,
        'rpls_detail_' || unnest(
            [
                'logements',
                if(code_qpv = code_qpv_declare, 'declares_et_localises', null),
                case type_construction
                    when 'C' then 'collectifs' when 'I' then 'individuels' when 'E' then 'etudiants'
                end,
                if(nb_pieces is not null, 'pieces_connues', null),
                case
                    when nb_pieces = 1 then '1_piece'
                    when nb_pieces < 5 then nb_pieces || '_pieces'
                    when nb_pieces >= 5 then '5_pieces_plus'
                end,
                if(annee_construction is not null, 'epoque_connue', null),
                case
                    when annee_construction < 1949 then 'avant_1949'
                    when annee_construction <= 1975 then '1949_1975'
                    when annee_construction <= 1988 then '1976_1988'
                    when annee_construction <= 2000 then '1989_2000'
                    when annee_construction <= 2013 then '2001_2013'
                    when annee_construction > 2013 then 'apres_2013'
                end,
                if(etiquette_energie is not null, 'dpe_etiquetes', null),
                'dpe_' || lower(etiquette_energie),
                -- 1: let; 2: offered and vacant. The rest (empty, kept, lent) is not on offer.
                if(mode_occupation in (1, 2), 'proposes', null),
                if(mode_occupation = 2, 'vacants', null)
            ]
        ) as mesure
    from comptes
    where code_qpv is not null and not est_incertain
),

totaux as (
    select
        millesime,
        perimetre,
        code_qpv,
        mesure,
        sum(nb) as nb
    from faits
    where mesure is not null
    group by millesime, perimetre, code_qpv, mesure
),

avec_mode as (
    select millesime
    from comptes
    group by millesime
    having count(mode_occupation) > 0
),

{{ mesures_de_comptage('sdes_rpls_logements', ["975", "977", "978", "986", "987", "988"]) }},

dits as (
    select
        a.* exclude (statut, motif),
        case
            when a.statut <> 'diffuse' then a.statut
            when a.bloc = 'occupation' and m.millesime is null then 'non_disponible'
            else 'diffuse'
        end as statut,
        case
            when a.statut <> 'diffuse' then a.motif
            when a.bloc = 'occupation' and m.millesime is null
                then 'le fichier ouvert ne dit pas l''occupation (colonne MODE)'
        end as motif
    from attendus as a
    left join avec_mode as m on a.millesime = m.millesime
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
