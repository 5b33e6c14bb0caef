-- Gaps to a millionth: what is beyond is the tail of a subtraction, a third of the size of this table.
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
    round(e.ecart, 6)::double as ecart,
    e.unite::varchar as unite_ecart,
    e.periode_comparaison::varchar as periode_comparaison,
    round(e.ecart_comparaison, 6)::double as ecart_comparaison,
    round(e.evolution_ecart, 6)::double as evolution_ecart,
    e.tendance::varchar as tendance,
    e.motif::varchar as motif,
    e.precedente::boolean as precedente,
    e.premiere::boolean as premiere
from {{ ref('int_ecarts') }} as e
inner join publies on e.code_indicateur = publies.code_indicateur
order by code_indicateur, type_territoire, code_territoire, reference, periode_comparaison
