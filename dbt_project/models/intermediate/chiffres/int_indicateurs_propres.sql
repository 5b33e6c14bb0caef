-- One row per territory × indicator × period, from that territory's own cells: the published value
-- where there is one, else the formula where every term is diffuse, else why there is neither. The
-- terms of a producer's own line may cover different QPV: they make no figure.
with sommes as (
    select
        {{ cle_du_chiffre() }},
        max(valeur) filter (cote = 'publiee' and statut = 'diffuse') as publiee,
        sum(coefficient * valeur) filter (cote = 'num') as num,
        sum(coefficient * valeur) filter (cote = 'den') as den,
        bool_and(statut = 'diffuse') filter (cote <> 'publiee') as formule_connue,
        count(*) filter (cote = 'den') > 0 as a_denominateur,
        arg_min(statut, {{ rang_de_motif('statut', ordre='ordre') }}) filter (
            cote <> 'publiee' and statut <> 'diffuse'
        ) as statut_formule,
        arg_min(motif, {{ rang_de_motif('statut', ordre='ordre') }}) filter (
            cote <> 'publiee' and statut <> 'diffuse'
        ) as motif_formule,
        max(statut) filter (cote = 'publiee' and est_lu) as statut_publiee,
        max(motif) filter (cote = 'publiee' and est_lu) as motif_publiee,
        max(motif) filter (cote <> 'publiee' and statut = 'diffuse') as reserve_formule,
        max(champ) filter (cote = 'publiee' and statut = 'diffuse') as champ_publiee,
        max(champ) filter (cote <> 'publiee') as champ_formule,
        coalesce(
            min(champ) filter (cote <> 'publiee') < max(champ) filter (cote <> 'publiee'), false
        ) as champs_divers,
        arg_min(source_id, ordre) filter (cote = 'publiee' and est_lu) as source_publiee,
        arg_min(millesime, ordre) filter (cote = 'publiee' and est_lu) as millesime_publiee,
        arg_min(source_id, ordre) filter (cote <> 'publiee' and est_lu) as source_formule,
        arg_min(millesime, ordre) filter (cote <> 'publiee' and est_lu) as millesime_formule
    from {{ ref('int_termes') }}
    group by {{ cle_du_chiffre() }}
),

calcules as (
    select
        s.*,
        i.facteur,
        s.formule_connue and not s.champs_divers and (not s.a_denominateur or s.den <> 0)
            as formule_calculable,
        s.publiee is null and coalesce(s.statut_publiee, 'non_disponible') <> 'non_disponible'
            as publiee_masquee
    from sommes as s
    inner join {{ ref('stg_edition__indicateurs') }} as i on s.code_indicateur = i.code_indicateur
    where not i.den_ensemble
)

select
    {{ cle_du_chiffre() }},
    case
        when publiee is not null then publiee
        when formule_calculable and a_denominateur then facteur * num / den
        when formule_calculable then facteur * num
    end as valeur,
    case
        when not a_denominateur then coalesce(publiee, if(formule_calculable, facteur * num, null))
        when formule_calculable then num
    end as num,
    if(formule_calculable and a_denominateur, den, null) as den,
    case
        when publiee is not null or formule_calculable then 'diffuse'
        when publiee_masquee then statut_publiee
        when formule_connue then 'sans_objet'
        else statut_formule
    end as statut,
    case
        when publiee is not null then motif_publiee
        when formule_calculable then reserve_formule
        when publiee_masquee then motif_publiee
        when formule_connue and champs_divers then 'les termes ne portent pas sur les mêmes QPV'
        when formule_connue then 'dénominateur nul'
        else motif_formule
    end as motif,
    if(publiee is not null, champ_publiee, champ_formule) as champ,
    if(publiee is not null or publiee_masquee, source_publiee, source_formule) as source_id,
    if(publiee is not null or publiee_masquee, millesime_publiee, millesime_formule) as millesime
from calcules
union all by name
select
    a.* exclude (statut, motif),
    null as valeur,
    null as num,
    null as den,
    a.statut,
    a.motif,
    null as champ,
    null as source_id,
    null as millesime
from {{ ref('int_absences') }} as a
inner join {{ ref('stg_edition__indicateurs') }} as i on a.code_indicateur = i.code_indicateur
where not i.den_ensemble
