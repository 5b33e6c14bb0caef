-- Which two periods of an indicator a drawing may join, and why not the others.
select
    v.code_indicateur::varchar as code_indicateur,
    v.type_territoire::varchar as type_territoire,
    v.relation::varchar as relation,
    v.periode::varchar as periode,
    v.periode_comparaison::varchar as periode_comparaison,
    v.verdict::varchar as comparabilite,
    v.motif::varchar as motif
from {{ ref('stg_edition__comparabilites') }} as v
inner join {{ ref('stg_edition__indicateurs') }} as i on v.code_indicateur = i.code_indicateur
where i.publier and v.periode_comparaison is not null
order by i.ordre, v.type_territoire, v.relation, v.periode, v.periode_comparaison
