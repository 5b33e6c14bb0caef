{# Each figure lies within the bounds of its indicator, as the dictionary declares them. #}
{% test parts_bornees(model) %}
select f.code_territoire, f.code_indicateur, f.periode, f.valeur
from {{ model }} as f
inner join {{ ref('stg_edition__indicateurs') }} as i on f.code_indicateur = i.code_indicateur
where f.valeur < i.minimum or f.valeur > i.maximum
{% endtest %}
