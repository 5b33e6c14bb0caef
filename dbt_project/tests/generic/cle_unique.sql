{# One row a key, and no hole in it but in the columns that `vides` names. #}
{% test cle_unique(model, colonnes, vides=[]) %}
select {{ colonnes | join(', ') }}, count(*) as nb
from {{ model }}
group by {{ colonnes | join(', ') }}
having
    count(*) > 1
    {%- for colonne in colonnes if colonne not in vides %}
    or {{ colonne }} is null
    {%- endfor %}
{% endtest %}
