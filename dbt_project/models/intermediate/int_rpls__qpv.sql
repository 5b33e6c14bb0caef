-- One row per QPV × mesure that the edition asks of the file of dwellings. None is a zero.
with comptes as (
    select * from {{ ref('int_rpls__comptes') }}
),

{% set detail = {
    "'logements'": "true",
    "'declares_et_localises'": "code_qpv = code_qpv_declare",
    "'collectifs'": "type_construction = 'C'",
    "'individuels'": "type_construction = 'I'",
    "'etudiants'": "type_construction = 'E'",
    "'pieces_connues'": "nb_pieces is not null",
    "if(nb_pieces = 1, '1_piece', nb_pieces || '_pieces')": "nb_pieces < 5",
    "'5_pieces_plus'": "nb_pieces >= 5",
    "'epoque_connue'": "annee_construction is not null",
    "'avant_1949'": "annee_construction < 1949",
    "'1949_1975'": "annee_construction between 1949 and 1975",
    "'1976_1988'": "annee_construction between 1976 and 1988",
    "'1989_2000'": "annee_construction between 1989 and 2000",
    "'2001_2013'": "annee_construction between 2001 and 2013",
    "'apres_2013'": "annee_construction > 2013",
    "'dpe_etiquetes'": "etiquette_energie is not null",
    "'dpe_' || lower(etiquette_energie)": "etiquette_energie is not null",
    "'proposes'": "mode_occupation in (1, 2)",
    "'vacants'": "mode_occupation = 2",
} %}

-- What each dwelling is counted as; an uncertain location is counted as such, and in nothing else.
-- MODE 1: let; 2: offered and vacant; the rest (empty, kept, lent) is not on offer.
faits as (
    select
        millesime,
        perimetre,
        code_qpv,
        'rpls_detail_localisation_incertaine' as mesure,
        nb
    from comptes
    where code_qpv is not null and est_incertain
    union all
    select
        millesime,
        perimetre,
        code_qpv_declare as code_qpv,
        'rpls_detail_declares' as mesure,
        nb
    from comptes
    where code_qpv_declare is not null
    union all
    select
        millesime,
        perimetre,
        code_qpv,
        'rpls_detail_pieces' as mesure,
        nb * nb_pieces as nb
    from comptes
    where code_qpv is not null and not est_incertain and nb_pieces is not null
    {%- for suffixe, condition in detail.items() %}
    union all
    select
        millesime,
        perimetre,
        code_qpv,
        'rpls_detail_' || {{ suffixe }} as mesure,
        nb
    from comptes
    where code_qpv is not null and not est_incertain and {{ condition }}
    {%- endfor %}
),

totaux as (
    select
        millesime,
        perimetre,
        code_qpv,
        mesure,
        sum(nb) as nb
    from faits
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
