-- One row per territory × period of the indicators that set a territory beside its territory of
-- comparison. A figure is there when both sides of each base are, at the same period.
with chiffres as (
    select * from {{ ref('int_indicateurs_directs') }}
    where code_indicateur in (select code_base from {{ ref('stg_edition__rapprochements') }})
),

-- Bases of several years make one figure: it bears the first one's, and says the others.
reserves as (
    select
        code_indicateur,
        periode,
        if(
            count(distinct periode_base) > 1,
            'périodes : ' || string_agg(code_base || ' ' || periode_base, ', ' order by ordre),
            null
        ) as reserve
    from {{ ref('stg_edition__bases_par_periode') }}
    group by code_indicateur, periode
),

cotes as (
    select
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        t.code_reference,
        t.motif_choix,
        r.code_indicateur,
        r.code_base,
        r.ordre,
        r.reference,
        r.par,
        b.periode,
        c.valeur,
        c.statut as statut_territoire,
        c.motif as motif_territoire,
        c.source_id,
        c.millesime,
        c.exclus,
        f.valeur as valeur_reference,
        coalesce(f.statut, 'non_disponible') as statut_reference,
        f.motif as motif_reference,
        d.reserve
    from {{ ref('int_references') }} as t
    inner join {{ ref('stg_edition__rapprochements') }} as r on t.reference = r.reference
    inner join {{ ref('stg_edition__bases_par_periode') }} as b
        on r.code_indicateur = b.code_indicateur and r.code_base = b.code_base
    inner join chiffres as c
        on
            t.code_territoire = c.code_territoire
            and t.perimetre = c.perimetre
            and b.code_base = c.code_indicateur
            and b.periode_base = c.periode
    left join chiffres as f
        on
            t.code_reference = f.code_territoire
            and b.code_base = f.code_indicateur
            and b.periode_base = f.periode
    left join reserves as d on b.code_indicateur = d.code_indicateur and b.periode = d.periode
),

juges as (
    select
        *,
        case
            when code_reference is null then 'sans_objet'
            when statut_territoire <> 'diffuse' then statut_territoire
            when statut_reference <> 'diffuse' then statut_reference
            when par = 'ecart_relatif' and valeur_reference = 0 then 'sans_objet'
            else 'diffuse'
        end as statut,
        case
            when code_reference is null then 'pas de territoire de comparaison de ce type pour ce territoire'
            when statut_territoire <> 'diffuse' then motif_territoire
            when statut_reference <> 'diffuse'
                then
                    'territoire de comparaison (' || code_reference || ') : '
                    || coalesce(motif_reference, 'pas de valeur')
            when par = 'ecart_relatif' and valeur_reference = 0
                then 'territoire de comparaison (' || code_reference || ') : valeur nulle'
            when motif_choix is not null then motif_choix
            else motif_territoire
        end as motif
    from cotes
)

select
    {{ cle_du_chiffre() }},
    case
        when not bool_and(statut = 'diffuse') then null
        when any_value(par) = 'ecart' then any_value(valeur - valeur_reference)
        else 100 * avg(valeur / valeur_reference - 1)
    end as valeur,
    coalesce(
        arg_min(statut, {{ rang_de_motif('statut', ordre='ordre') }}) filter (statut <> 'diffuse'), 'diffuse'
    ) as statut,
    coalesce(
        arg_min(motif, {{ rang_de_motif('statut', ordre='ordre') }}) filter (statut <> 'diffuse'),
        nullif(concat_ws(' ; ', string_agg(distinct motif, ' ; ' order by motif), any_value(reserve)), '')
    ) as motif,
    arg_min(source_id, ordre) as source_id,
    arg_min(millesime, ordre) as millesime,
    coalesce(string_agg(distinct nullif(exclus, ''), ', ' order by nullif(exclus, '')), '') as exclus
from juges
group by {{ cle_du_chiffre() }}
