with publies as (
    select code_indicateur
    from {{ ref('stg_edition__indicateurs') }}
    where publier
)

select
    e.code_territoire::varchar as code_territoire,
    e.type_territoire::varchar as type_territoire,
    e.perimetre::varchar as perimetre,
    e.code_indicateur::varchar as code_indicateur,
    e.periode::varchar as periode,
    e.periode_comparaison::varchar as periode_comparaison,
    e.evolution_nb::double as evolution_nb,
    e.evolution_pct::double as evolution_pct,
    e.evolution_pts::double as evolution_pts,
    e.statut::varchar as statut,
    e.motif::varchar as motif,
    e.comparabilite::varchar as comparabilite,
    e.en_avant::boolean as en_avant,
    e.precedente::boolean as precedente,
    e.premiere::boolean as premiere
from {{ ref('int_evolutions') }} as e
inner join publies on e.code_indicateur = publies.code_indicateur
order by code_indicateur, periode, type_territoire, code_territoire
