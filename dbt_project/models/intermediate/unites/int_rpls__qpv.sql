-- One row per QPV or local perimeter × mesure that the edition asks of the file of dwellings. None is a zero.
with comptes as (
    select * from {{ ref('int_rpls__comptes') }}
),

localises as (
    select
        millesime,
        perimetre,
        code_qpv,
        sum(nb) as logements,
        sum(columns(* exclude (
            millesime, perimetre, code_qpv, code_departement, est_incertain, nb, modes_connus
        )))
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
),

-- A landlord says « in a QPV » and nobody says which: a quarter of that département without a dwelling
-- may be the one, so it has no zero.
sans_quartier as (
    select
        millesime,
        perimetre,
        code_departement,
        sum(nb) as nb
    from comptes
    where code_qpv is null
    group by millesime, perimetre, code_departement
),

situes as (
    select distinct
        millesime,
        perimetre,
        code_qpv
    from totaux
),

avec_mode as (
    select millesime
    from comptes
    group by millesime
    having sum(modes_connus) > 0
),

{{ mesures_de_comptage(
    'sdes_rpls_logements',
    ref('int_rpls__situes'),
    ["975", "977", "978", "986", "987", "988"]
) }},

dits as (
    select
        a.* exclude (statut, motif),
        case
            when a.statut <> 'diffuse' then a.statut
            when a.perimetre = '' and a.mesure like 'rpls_detail_declares%' then 'sans_objet'
            when a.bloc = 'occupation' and m.millesime is null then 'non_disponible'
            when s.code_qpv is null and p.nb > 0 then 'non_disponible'
            else 'diffuse'
        end as statut,
        case
            when a.statut <> 'diffuse' then a.motif
            when a.perimetre = '' and a.mesure like 'rpls_detail_declares%'
                then 'un bailleur ne déclare que les QPV'
            when a.bloc = 'occupation' and m.millesime is null
                then 'le fichier ouvert ne dit pas l''occupation (colonne MODE)'
            when s.code_qpv is null and p.nb > 0
                then
                    'le fichier n''y situe aucun logement, et en dit du département ' || a.code_departement
                    || ' en quartier prioritaire sans dire lequel'
        end as motif
    from attendus as a
    left join avec_mode as m on a.millesime = m.millesime
    left join situes as s
        on a.code_territoire = s.code_qpv and a.perimetre = s.perimetre and a.millesime = s.millesime
    left join sans_quartier as p
        on a.code_departement = p.code_departement and a.perimetre = p.perimetre and a.millesime = p.millesime
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
