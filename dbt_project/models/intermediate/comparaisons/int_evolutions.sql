-- One row per territory × indicator that the edition compares: from the comparison to the level.
-- On the perimeter in force, whose figures start anew, a row too for each one that has no past.
-- No verdict on the two periods, no figure.
with niveaux as (
    select
        n.*,
        p.periode,
        p.etat,
        m.precedent,
        -- The last letter of a quarter that replaced others says how it relates to them.
        if(
            m.precedent is not null and n.type_territoire = 'qpv', right(n.code_territoire, 1), ''
        ) as relation
    from {{ ref('int_indicateurs') }} as n
    inner join {{ ref('int_periodes_indicateurs') }} as p
        on n.code_indicateur = p.code_indicateur and p.role = 'niveau'
    left join {{ ref('stg_edition__perimetres') }} as m on n.perimetre = m.perimetre
    where n.role = 'niveau'
),

bases as (
    select
        b.*,
        p.periode
    from {{ ref('int_indicateurs') }} as b
    inner join {{ ref('int_periodes_indicateurs') }} as p
        on b.code_indicateur = p.code_indicateur and p.role = 'comparaison'
    where b.role = 'comparaison'
),

couples as (
    select
        n.code_territoire,
        n.type_territoire,
        n.perimetre,
        n.code_indicateur,
        i.type,
        n.periode,
        b.periode as periode_comparaison,
        n.valeur,
        b.valeur as base,
        n.statut as statut_niveau,
        b.statut as statut_base,
        n.motif as motif_niveau,
        b.motif as motif_base,
        n.exclus = b.exclus as memes_territoires,
        if(
            k.code_territoire is null, coalesce(v.verdict, 'non_comparable'), 'non_comparable'
        ) as comparabilite,
        coalesce(
            if(v.verdict = 'non_comparable', v.motif, null),
            k.motif,
            v.motif,
            if(v.verdict is null, 'aucune règle ne dit si ces deux périodes se comparent', null)
        ) as motif_verdict
    from niveaux as n
    inner join bases as b
        on
            n.code_territoire = b.code_territoire
            and n.perimetre = b.perimetre
            and n.code_indicateur = b.code_indicateur
    inner join {{ ref('stg_edition__indicateurs') }} as i on n.code_indicateur = i.code_indicateur
    left join {{ ref('stg_edition__comparabilites') }} as v
        on
            n.code_indicateur = v.code_indicateur
            and n.type_territoire = v.type_territoire
            and n.relation = v.relation
            and n.periode = v.periode
            and b.periode = v.periode_comparaison
    -- What is about communes is compared quarter by quarter, communes by communes.
    left join {{ ref('stg_edition__communes_changees') }} as k
        on
            n.code_territoire = k.code_territoire
            and n.code_indicateur = k.code_indicateur
            and n.perimetre <> ''
),

juges as (
    select
        *,
        case
            when comparabilite = 'non_comparable' then 'non_comparable'
            when statut_niveau <> 'diffuse' then statut_niveau
            when statut_base <> 'diffuse' then statut_base
            when memes_territoires then 'diffuse'
            else 'sans_objet'
        end as statut
    from couples
),

sans_passe as (
    select
        n.code_territoire,
        n.type_territoire,
        n.perimetre,
        n.code_indicateur,
        n.periode,
        v.verdict,
        v.motif
    from niveaux as n
    inner join {{ ref('stg_edition__comparabilites') }} as v
        on
            n.code_indicateur = v.code_indicateur
            and n.type_territoire = v.type_territoire
            and n.relation = v.relation
            and v.periode_comparaison is null
    where n.precedent is not null and n.etat = 'lue'
)

select
    code_territoire,
    type_territoire,
    perimetre,
    code_indicateur,
    periode,
    periode_comparaison,
    if(statut = 'diffuse' and type not in ('part', 'ecart'), valeur - base, null) as evolution_nb,
    if(
        statut = 'diffuse' and type in ('effectif', 'montant') and base <> 0,
        100 * (valeur - base) / base,
        null
    ) as evolution_pct,
    if(statut = 'diffuse' and type in ('part', 'ecart'), valeur - base, null) as evolution_pts,
    statut,
    case
        when statut = 'non_comparable' then motif_verdict
        when statut = 'diffuse'
            then nullif(concat_ws(' ; ', coalesce(motif_niveau, motif_base), motif_verdict), '')
        when statut_niveau <> 'diffuse' then motif_niveau
        when statut_base <> 'diffuse' then periode_comparaison || ' : ' || coalesce(motif_base, statut_base)
        when type_territoire = 'qpv_producteur'
            then 'la ligne du producteur ne couvre pas les mêmes QPV aux deux dates'
        else 'les QPV laissés de côté ne sont pas les mêmes aux deux dates'
    end as motif,
    comparabilite
from juges
union all
select
    code_territoire,
    type_territoire,
    perimetre,
    code_indicateur,
    periode,
    null as periode_comparaison,
    null as evolution_nb,
    null as evolution_pct,
    null as evolution_pts,
    coalesce(verdict, 'non_disponible') as statut,
    motif,
    verdict as comparabilite
from sans_passe
