{# A share lies between 0 and 100, a count is never negative. #}
{% test parts_bornees(model) %}
select f.code_territoire, f.code_indicateur, f.periode, f.valeur
from {{ model }} as f
inner join {{ ref('dim_indicateur') }} as i on f.code_indicateur = i.code_indicateur
where
    (i.type = 'part' and f.valeur not between 0 and 100)
    or (i.type in ('effectif', 'montant', 'ratio', 'superficie') and f.valeur < 0)
{% endtest %}
