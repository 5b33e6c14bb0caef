{# What is missing always says why. #}
{% test motif_si_absente(model) %}
select code_territoire, code_indicateur, statut
from {{ model }}
where statut <> 'diffuse' and coalesce(trim(motif), '') = ''
{% endtest %}
