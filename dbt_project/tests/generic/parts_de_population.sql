{# Shares of one quarter lie between 0 and 1 and never add up past 1; a missing one says why. #}
{% test parts_de_population(model) %}
select code_qpv, perimetre, sum(part_population) as total
from {{ model }}
group by code_qpv, perimetre
having
    sum(part_population) > 1 + 1e-9
    or min(part_population) < 0
    or bool_or(part_population is null and motif_part is null)
{% endtest %}
