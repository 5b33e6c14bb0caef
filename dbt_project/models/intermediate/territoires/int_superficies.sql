-- One row per territory that has an outline and whose area the edition shows.
with demandes as (
    {{ demandes("mesure = 'superficie_ha'") }}
)

select
    s.code_territoire,
    s.perimetre,
    d.mesure,
    'superficie' as type_mesure,
    d.periode,
    d.periode_debut,
    d.periode_fin,
    s.superficie_ha as valeur,
    if(s.superficie_ha is null, 'non_disponible', 'diffuse') as statut,
    s.motif,
    d.bloc,
    d.source_id,
    d.millesime,
    f.fichier,
    f.sha256,
    null::integer as ligne,
    null::varchar as entete
from {{ ref('stg_geometrie__superficies') }} as s
inner join demandes as d on s.source_id = d.source_id and s.millesime = d.millesime
inner join {{ ref('stg_edition__fichiers') }} as f
    on s.source_id = f.source_id and s.millesime = f.millesime
