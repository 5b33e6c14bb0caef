-- One row per recomposed set × indicator × period, from the whole QPV that make the set. A count
-- needs every part; a share is taken over the parts whose two terms are known.
with parts as (
    select
        e.code_ensemble,
        e.type_territoire,
        e.perimetre,
        p.code_indicateur,
        p.periode,
        i.agregation,
        i.facteur,
        p.code_territoire,
        p.num,
        p.den,
        p.statut,
        p.motif,
        p.source_id,
        p.millesime,
        if(i.agregation = 'somme', p.num is not null, p.den is not null) as est_connue
    from {{ ref('int_ensembles') }} as e
    inner join {{ ref('int_indicateurs_propres') }} as p
        on e.code_qpv = p.code_territoire and e.perimetre = p.perimetre
    inner join {{ ref('stg_edition__indicateurs') }} as i on p.code_indicateur = i.code_indicateur
    where i.agregation <> 'aucune'
),

sommes as (
    select
        code_ensemble,
        type_territoire,
        perimetre,
        code_indicateur,
        periode,
        agregation,
        facteur,
        count(*) as nb_parts,
        count(*) filter (est_connue) as nb_connues,
        count(*) filter (not est_connue and statut = 'diffuse') as nb_sans_termes,
        sum(num) filter (est_connue) as num,
        sum(den) filter (est_connue) as den,
        string_agg(code_territoire, ', ' order by code_territoire) filter (not est_connue) as exclus,
        arg_max(statut, {{ rang_de_motif('statut', code='code_territoire') }}) filter (
            not est_connue and statut <> 'diffuse'
        ) as statut_manquant,
        arg_max(motif, {{ rang_de_motif('statut', code='code_territoire') }}) filter (
            not est_connue and statut <> 'diffuse'
        ) as motif_manquant,
        min(source_id) filter (est_connue) as source_id,
        min(millesime) filter (est_connue) as millesime
    from parts
    group by all
),

juges as (
    select
        *,
        case
            when agregation = 'somme' then nb_connues = nb_parts
            else coalesce(den <> 0, false)
        end as est_calculable,
        nb_parts - nb_connues as nb_exclus,
        if(nb_parts - nb_connues <= 5, ' (' || exclus || ')', '') as liste_exclus
    from sommes
)

select
    code_ensemble as code_territoire,
    type_territoire,
    perimetre,
    code_indicateur,
    periode,
    case
        when not est_calculable then null
        when agregation = 'somme' then num
        else facteur * num / den
    end as valeur,
    case
        when est_calculable then 'diffuse'
        when nb_connues = 0 and nb_sans_termes > 0 then 'non_disponible'
        else coalesce(statut_manquant, 'non_disponible')
    end as statut,
    case
        when est_calculable and nb_exclus = 0 then null
        when est_calculable
            then
                'calculé sur ' || nb_connues || ' des ' || nb_parts || ' QPV : '
                || nb_exclus || if(nb_exclus > 1, ' laissés de côté', ' laissé de côté')
                || liste_exclus
        when nb_connues = 0 and nb_sans_termes > 0
            then 'un taux publié sans ses effectifs ne se recompose pas'
        when nb_connues = 0 then motif_manquant
        else
            'somme impossible : ' || nb_exclus || ' des ' || nb_parts
            || if(nb_exclus > 1, ' QPV ne sont pas diffusés', ' QPV n''est pas diffusé') || liste_exclus
    end as motif,
    source_id,
    millesime,
    coalesce(exclus, '') as exclus
from juges
