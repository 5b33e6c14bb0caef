{# A perimeter is there if and only if the type of the territory bears one. #}
{% test perimetre_selon_le_type(model) %}
select m.code_territoire, m.type_territoire, m.perimetre
from {{ model }} as m
inner join {{ ref('stg_edition__types_territoire') }} as t on m.type_territoire = t.type_territoire
where (coalesce(m.perimetre, '') <> '') <> t.par_perimetre
{% endtest %}
