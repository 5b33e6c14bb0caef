-- Only what the dictionary publishes; at every period that its files hold.
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
    nullif(i.periode, '')::varchar as periode,
    p.periode_debut::date as periode_debut,
    p.periode_fin::date as periode_fin,
    if(i.statut = 'diffuse', i.valeur, null)::double as valeur,
    i.statut::varchar as statut,
    i.motif::varchar as motif,
    coalesce(i.source_id, p.source_id)::varchar as source_id,
    coalesce(i.millesime, p.millesime)::varchar as millesime,
    coalesce(p.choix = 'niveau', false) as en_avant
from {{ ref('int_indicateurs') }} as i
inner join publies on i.code_indicateur = publies.code_indicateur
inner join {{ ref('stg_edition__periodes_indicateurs') }} as p
    on i.code_indicateur = p.code_indicateur and i.periode = p.periode
order by code_indicateur, periode, type_territoire, code_territoire
