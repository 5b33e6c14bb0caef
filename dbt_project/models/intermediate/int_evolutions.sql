-- One row per territory × indicator that the edition compares: from the comparison to the level.
-- On the perimeter in force, whose figures start anew, a row too for each one that has no past.
with niveaux as (
    select * from {{ ref('int_indicateurs') }}
    where role = 'niveau'
),

bases as (
    select * from {{ ref('int_indicateurs') }}
    where role = 'comparaison'
),

couples as (
    select
        n.code_territoire,
        n.type_territoire,
        n.perimetre,
        n.code_indicateur,
        i.type,
        pn.periode,
        pb.periode as periode_comparaison,
        n.valeur,
        b.valeur as base,
        n.statut as statut_niveau,
        b.statut as statut_base,
        n.motif as motif_niveau,
        b.motif as motif_base,
        n.exclus = b.exclus as memes_territoires
    from niveaux as n
    inner join bases as b
        on
            n.code_territoire = b.code_territoire
            and n.perimetre = b.perimetre
            and n.code_indicateur = b.code_indicateur
    inner join {{ ref('stg_edition__indicateurs') }} as i on n.code_indicateur = i.code_indicateur
    inner join {{ ref('int_periodes_indicateurs') }} as pn
        on n.code_indicateur = pn.code_indicateur and pn.role = 'niveau'
    inner join {{ ref('int_periodes_indicateurs') }} as pb
        on n.code_indicateur = pb.code_indicateur and pb.role = 'comparaison'
),

juges as (
    select
        *,
        statut_niveau = 'diffuse' and statut_base = 'diffuse' and memes_territoires as est_calculable
    from couples
),

sans_passe as (
    select
        n.code_territoire,
        n.type_territoire,
        n.perimetre,
        n.code_indicateur,
        p.periode,
        if(n.type_territoire = 'qpv', right(n.code_territoire, 1), '') as relation
    from niveaux as n
    inner join {{ ref('int_periodes_indicateurs') }} as p
        on n.code_indicateur = p.code_indicateur and p.role = 'niveau' and p.etat = 'lue'
    where
        n.perimetre = '2024'
        and not exists (
            select 1 from {{ ref('int_periodes_indicateurs') }} as b
            where b.code_indicateur = n.code_indicateur and b.role = 'comparaison'
        )
)

select
    code_territoire,
    type_territoire,
    perimetre,
    code_indicateur,
    periode,
    periode_comparaison,
    if(est_calculable and type not in ('part', 'ecart'), valeur - base, null) as evolution_nb,
    if(
        est_calculable and type in ('effectif', 'montant') and base <> 0,
        100 * (valeur - base) / base,
        null
    ) as evolution_pct,
    if(est_calculable and type in ('part', 'ecart'), valeur - base, null) as evolution_pts,
    case
        when est_calculable then 'diffuse'
        when statut_niveau <> 'diffuse' then statut_niveau
        when statut_base <> 'diffuse' then statut_base
        else 'sans_objet'
    end as statut,
    case
        when est_calculable then coalesce(motif_niveau, motif_base)
        when statut_niveau <> 'diffuse' then motif_niveau
        when statut_base <> 'diffuse' then periode_comparaison || ' : ' || coalesce(motif_base, statut_base)
        else 'les QPV laissés de côté ne sont pas les mêmes aux deux dates'
    end as motif
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
    if(relation = 'I', 'non_disponible', 'sans_objet') as statut,
    case relation
        when 'N' then 'quartier nouveau : aucune donnée antérieure'
        when 'I' then 'quartier au périmètre inchangé, mais l''édition n''a pas de chiffre antérieur'
        when 'M' then 'quartier au périmètre modifié'
        else 'ensemble de quartiers redessinés'
    end
    || if(
        relation in ('N', 'I'), '', ' : les chiffres du périmètre 2015 portent sur une autre population'
    ) as motif
from sans_passe
