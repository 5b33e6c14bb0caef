{# Where units have a point, by the département that their QPV or their commune tells. #}
{% macro departements_situes(points) -%}
select distinct
    millesime,
    code_departement
from {{ points }}
where
    x is not null
    and y is not null
    and epsg is not null
    and exists(select 1 from {{ ref('int_perimetres_locaux') }})
{%- endmacro %}
