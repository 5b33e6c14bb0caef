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
    e.reference::varchar as reference,
    e.code_reference::varchar as code_reference,
    e.periode::varchar as periode,
    e.valeur::double as valeur,
    e.valeur_reference::double as valeur_reference,
    e.ecart::double as ecart,
    e.unite::varchar as unite_ecart,
    e.periode_comparaison::varchar as periode_comparaison,
    e.ecart_comparaison::double as ecart_comparaison,
    e.evolution_ecart::double as evolution_ecart,
    e.tendance::varchar as tendance,
    e.motif::varchar as motif,
    e.precedente::boolean as precedente,
    e.premiere::boolean as premiere
from {{ ref('int_ecarts') }} as e
inner join publies on e.code_indicateur = publies.code_indicateur
order by code_indicateur, type_territoire, code_territoire, reference, periode_comparaison
