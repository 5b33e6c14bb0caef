-- One row per territory × indicator × earlier period that a figure put forward is told against: the
-- one that the edition compares (`en_avant`), the nearest comparable one (`precedente`), the oldest
-- (`premiere`), and the one just before where a rule forbids it.
-- On the perimeter in force, whose figures start anew, a row too for each one that has no past.
with chiffres as not materialized (
    select
        c.*,
        p.choix,
        p.etat,
        m.precedent,
        -- The last letter of a quarter that replaced others says how it relates to them.
        if(
            m.precedent is not null and c.type_territoire = 'qpv', right(c.code_territoire, 1), ''
        ) as relation
    from {{ ref('int_indicateurs') }} as c
    inner join {{ ref('stg_edition__periodes_indicateurs') }} as p
        on c.code_indicateur = p.code_indicateur and c.periode = p.periode
    left join {{ ref('stg_edition__perimetres') }} as m on c.perimetre = m.perimetre
),

niveaux as not materialized (
    select * from chiffres
    where choix = 'niveau'
),

-- Which earlier periods of each figure are told: chosen by their keys alone, then read.
reculs as (
    select
        n.code_territoire,
        n.perimetre,
        n.code_indicateur,
        n.periode,
        max(b.periode) filter (b.choix = 'comparaison') as en_avant,
        max(b.periode) filter (b.statut = 'diffuse' and n.statut = 'diffuse') as voisine,
        max(b.periode) filter (
            b.statut = 'diffuse' and n.statut = 'diffuse' and n.exclus = b.exclus
            and v.verdict <> 'non_comparable' and k.code_territoire is null
        ) as precedente,
        min(b.periode) filter (
            b.statut = 'diffuse' and n.statut = 'diffuse' and n.exclus = b.exclus
            and v.verdict <> 'non_comparable' and k.code_territoire is null
        ) as premiere
    from niveaux as n
    inner join chiffres as b
        on
            n.code_territoire = b.code_territoire
            and n.perimetre = b.perimetre
            and n.code_indicateur = b.code_indicateur
            and (n.periode > b.periode or b.choix = 'comparaison')
            and (b.statut = 'diffuse' or b.choix = 'comparaison')
    {{ verdict_du_couple('n', 'b.periode') }}
    group by all
),

choisis as (
    select
        *,
        unnest(list_distinct([en_avant, precedente, premiere, voisine])) as periode_comparaison
    from reculs
),

couples as (
    select
        n.code_territoire,
        n.type_territoire,
        n.perimetre,
        n.code_indicateur,
        i.type,
        n.periode,
        c.periode_comparaison,
        coalesce(c.periode_comparaison = c.en_avant, false) as en_avant,
        coalesce(c.periode_comparaison = c.precedente, false) as precedente,
        coalesce(c.periode_comparaison = c.premiere, false) as premiere,
        n.valeur,
        b.valeur as base,
        n.statut as statut_niveau,
        b.statut as statut_base,
        n.motif as motif_niveau,
        b.motif as motif_base,
        n.exclus = b.exclus as memes_territoires,
        case
            when k.code_territoire is not null or v.verdict is null then 'non_comparable'
            when v.verdict = 'comparable' and o.motif is not null then 'comparable_avec_reserve'
            else v.verdict
        end as comparabilite,
        coalesce(
            if(v.verdict = 'non_comparable', v.motif, null),
            k.motif,
            if(v.verdict is null, 'aucune règle ne dit si ces deux périodes se comparent', null),
            nullif(concat_ws(' ; ', v.motif, o.motif), '')
        ) as motif_verdict
    from choisis as c
    inner join niveaux as n
        on
            c.code_territoire = n.code_territoire
            and c.perimetre = n.perimetre
            and c.code_indicateur = n.code_indicateur
    inner join chiffres as b
        on
            c.code_territoire = b.code_territoire
            and c.perimetre = b.perimetre
            and c.code_indicateur = b.code_indicateur
            and c.periode_comparaison = b.periode
    inner join {{ ref('stg_edition__indicateurs') }} as i on c.code_indicateur = i.code_indicateur
    {{ verdict_du_couple('n', 'c.periode_comparaison') }}
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
    left join reculs as c
        on
            n.code_territoire = c.code_territoire
            and n.perimetre = c.perimetre
            and n.code_indicateur = c.code_indicateur
    where n.precedent is not null and n.etat = 'lue' and c.code_territoire is null
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
    comparabilite,
    en_avant,
    precedente,
    premiere
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
    verdict as comparabilite,
    true as en_avant,
    false as precedente,
    false as premiere
from sans_passe
