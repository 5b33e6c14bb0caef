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

-- Every earlier period that a figure might be told against. Kept: joined once, it is read twice.
paires as materialized (
    select
        n.code_territoire,
        n.type_territoire,
        n.perimetre,
        n.code_indicateur,
        n.periode,
        b.periode as periode_comparaison,
        b.choix = 'comparaison' as est_choisie,
        n.valeur,
        b.valeur as base,
        n.statut as statut_niveau,
        b.statut as statut_base,
        n.motif as motif_niveau,
        b.motif as motif_base,
        n.statut = 'diffuse' and b.statut = 'diffuse' as sont_la,
        n.exclus = b.exclus as memes_territoires,
        v.verdict,
        v.motif as motif_regle,
        k.code_territoire is not null as communes_changees,
        k.motif as motif_communes,
        o.motif as motif_contour
    from niveaux as n
    inner join chiffres as b
        on
            n.code_territoire = b.code_territoire
            and n.perimetre = b.perimetre
            and n.code_indicateur = b.code_indicateur
            and (n.periode > b.periode or b.choix = 'comparaison')
            and (b.statut = 'diffuse' or b.choix = 'comparaison')
    {{ verdict_du_couple('n', 'b.periode') }}
),

-- Which of them are told.
reculs as (
    select
        code_territoire,
        perimetre,
        code_indicateur,
        periode,
        max(periode_comparaison) filter (est_choisie) as en_avant,
        max(periode_comparaison) filter (sont_la) as voisine,
        max(periode_comparaison) filter (
            sont_la and memes_territoires and verdict <> 'non_comparable' and not communes_changees
        ) as precedente,
        min(periode_comparaison) filter (
            sont_la and memes_territoires and verdict <> 'non_comparable' and not communes_changees
        ) as premiere
    from paires
    group by all
),

couples as (
    select
        p.*,
        i.type,
        coalesce(p.periode_comparaison = c.en_avant, false) as en_avant,
        coalesce(p.periode_comparaison = c.precedente, false) as precedente,
        coalesce(p.periode_comparaison = c.premiere, false) as premiere,
        case
            when p.communes_changees or p.verdict is null then 'non_comparable'
            when p.verdict = 'comparable' and p.motif_contour is not null then 'comparable_avec_reserve'
            else p.verdict
        end as comparabilite,
        coalesce(
            if(p.verdict = 'non_comparable', p.motif_regle, null),
            p.motif_communes,
            if(p.verdict is null, 'aucune règle ne dit si ces deux périodes se comparent', null),
            nullif(concat_ws(' ; ', p.motif_regle, p.motif_contour), '')
        ) as motif_verdict
    from paires as p
    inner join reculs as c
        on
            p.code_territoire = c.code_territoire
            and p.perimetre = c.perimetre
            and p.code_indicateur = c.code_indicateur
            and p.periode = c.periode
    inner join {{ ref('stg_edition__indicateurs') }} as i on p.code_indicateur = i.code_indicateur
    where p.periode_comparaison in (c.en_avant, c.precedente, c.premiere, c.voisine)
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
        when type_territoire = 'epci_avec_qpv'
            then 'rien ne dit que ces deux chiffres portent sur les mêmes EPCI'
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
