{# A value is there if and only if its statut is diffuse. #}
{% test valeur_ssi_diffuse(model) %}
select code_territoire, code_indicateur, periode, valeur, statut
from {{ model }}
where (valeur is not null) <> (statut = 'diffuse')
{% endtest %}
