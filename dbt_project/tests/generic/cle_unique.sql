{# One row a key, and no hole in it but in the columns that `vides` names. #}
{% test cle_unique(model, colonnes, vides=none) %}
{% set pleines = colonnes | reject('in', vides or []) | list %}
select {{ colonnes | join(', ') }}, count(*) as nb
from {{ model }}
group by {{ colonnes | join(', ') }}
having count(*) > 1 or {{ (pleines or ['count(*)']) | join(' is null or ') }} is null
{% endtest %}
