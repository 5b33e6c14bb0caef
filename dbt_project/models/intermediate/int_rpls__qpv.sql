-- One row per QPV × mesure that the edition asks of the file of dwellings. None is a zero.
with comptes as (
    select * from {{ ref('int_rpls__comptes') }}
),

-- MODE 1: let; 2: offered and vacant; the rest (empty, kept, lent) is not on offer.
localises as (
    select
        millesime,
        perimetre,
        code_qpv,
        sum(nb) as logements,
        sum(nb) filter (code_qpv = code_qpv_declare) as declares_et_localises,
        sum(nb) filter (type_construction = 'C') as collectifs,
        sum(nb) filter (type_construction = 'I') as individuels,
        sum(nb) filter (type_construction = 'E') as etudiants,
        sum(nb) filter (nb_pieces is not null) as pieces_connues,
        sum(nb) filter (nb_pieces = 1) as "1_piece",
        sum(nb) filter (nb_pieces = 2) as "2_pieces",
        sum(nb) filter (nb_pieces = 3) as "3_pieces",
        sum(nb) filter (nb_pieces = 4) as "4_pieces",
        sum(nb) filter (nb_pieces >= 5) as "5_pieces_plus",
        sum(nb) filter (annee_construction is not null) as epoque_connue,
        sum(nb) filter (annee_construction < 1949) as avant_1949,
        sum(nb) filter (annee_construction between 1949 and 1975) as "1949_1975",
        sum(nb) filter (annee_construction between 1976 and 1988) as "1976_1988",
        sum(nb) filter (annee_construction between 1989 and 2000) as "1989_2000",
        sum(nb) filter (annee_construction between 2001 and 2013) as "2001_2013",
        sum(nb) filter (annee_construction > 2013) as apres_2013,
        sum(nb) filter (etiquette_energie is not null) as dpe_etiquetes,
        sum(nb) filter (etiquette_energie = 'A') as dpe_a,
        sum(nb) filter (etiquette_energie = 'B') as dpe_b,
        sum(nb) filter (etiquette_energie = 'C') as dpe_c,
        sum(nb) filter (etiquette_energie = 'D') as dpe_d,
        sum(nb) filter (etiquette_energie = 'E') as dpe_e,
        sum(nb) filter (etiquette_energie = 'F') as dpe_f,
        sum(nb) filter (etiquette_energie = 'G') as dpe_g,
        sum(nb) filter (mode_occupation in (1, 2)) as proposes,
        sum(nb) filter (mode_occupation = 2) as vacants,
        sum(nb * nb_pieces) as pieces
    from comptes
    where code_qpv is not null and not est_incertain
    group by millesime, perimetre, code_qpv
),

-- A count that no dwelling adds to is dropped here, and comes back as a zero in the end.
totaux as (
    select
        millesime,
        perimetre,
        code_qpv,
        'rpls_detail_' || mesure as mesure,
        nb
    from localises
    unpivot (nb for mesure in (columns(* exclude (millesime, perimetre, code_qpv))))
    union all
    select
        millesime,
        perimetre,
        code_qpv,
        'rpls_detail_localisation_incertaine' as mesure,
        sum(nb) as nb
    from comptes
    where code_qpv is not null and est_incertain
    group by millesime, perimetre, code_qpv
    union all
    select
        millesime,
        perimetre,
        code_qpv_declare as code_qpv,
        'rpls_detail_declares' as mesure,
        sum(nb) as nb
    from comptes
    where code_qpv_declare is not null
    group by millesime, perimetre, code_qpv_declare
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
