-- One row per territory × role of the indicators that set a territory beside its territory of
-- comparison. A figure is there when both sides of each base are, at the same period.
with chiffres as (
    select * from {{ ref('int_indicateurs_directs') }}
    where code_indicateur in (select code_base from {{ ref('stg_edition__rapprochements') }})
),

-- Bases of several years make one figure: it bears the first one's, and says the others.
periodes as (
    select
        r.code_indicateur,
        p.role,
        if(
            count(distinct p.periode) > 1,
            'périodes : ' || string_agg(r.code_base || ' ' || p.periode, ', ' order by r.ordre),
            null
        ) as reserve
    from {{ ref('stg_edition__rapprochements') }} as r
    inner join {{ ref('int_periodes_indicateurs') }} as p on r.code_base = p.code_indicateur
    group by r.code_indicateur, p.role
),

cotes as (
    select
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        t.code_reference,
        t.nb_epci,
        r.code_indicateur,
        r.code_base,
        r.ordre,
        r.reference,
        r.par,
        c.role,
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
    inner join chiffres as c
        on
            t.code_territoire = c.code_territoire
            and t.perimetre = c.perimetre
            and r.code_base = c.code_indicateur
    left join chiffres as f
        on t.code_reference = f.code_territoire and r.code_base = f.code_indicateur and c.role = f.role
    left join periodes as d on r.code_indicateur = d.code_indicateur and c.role = d.role
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
            when reference = 'epci' and nb_epci > 1
                then 'ce QPV touche ' || nb_epci || ' EPCI : comparé au premier (' || code_reference || ')'
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
        arg_min(statut, {{ rang_de_motif('statut', 'ordre') }}) filter (statut <> 'diffuse'), 'diffuse'
    ) as statut,
    coalesce(
        arg_min(motif, {{ rang_de_motif('statut', 'ordre') }}) filter (statut <> 'diffuse'),
        nullif(concat_ws(' ; ', string_agg(distinct motif, ' ; ' order by motif), any_value(reserve)), '')
    ) as motif,
    arg_min(source_id, ordre) as source_id,
    arg_min(millesime, ordre) as millesime,
    coalesce(string_agg(distinct nullif(exclus, ''), ', ' order by nullif(exclus, '')), '') as exclus
from juges
group by {{ cle_du_chiffre() }}
