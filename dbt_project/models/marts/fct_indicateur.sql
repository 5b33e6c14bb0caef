-- Only what the dictionary publishes; the period is the indicator's in this edition.
with publies as (
    select code_indicateur
    from {{ ref('stg_edition__indicateurs') }}
    where publier
)

select
    i.code_territoire::varchar as code_territoire,
    i.type_territoire::varchar as type_territoire,
    i.perimetre::varchar as perimetre,
    i.code_indicateur::varchar as code_indicateur,
    p.periode::varchar as periode,
    p.periode_debut::date as periode_debut,
    p.periode_fin::date as periode_fin,
    if(i.statut = 'diffuse', i.valeur, null)::double as valeur,
    i.statut::varchar as statut,
    i.motif::varchar as motif,
    coalesce(i.source_id, p.source_id)::varchar as source_id,
    coalesce(i.millesime, p.millesime)::varchar as millesime
from {{ ref('int_indicateurs') }} as i
inner join publies on i.code_indicateur = publies.code_indicateur
left join {{ ref('int_periodes_indicateurs') }} as p
    on i.code_indicateur = p.code_indicateur and i.role = p.role
order by code_indicateur, periode, type_territoire, code_territoire
