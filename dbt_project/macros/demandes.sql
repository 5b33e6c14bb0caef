{# What the edition asks of the files that were read: one row per mesure, period, block and file. #}
{% macro demandes(condition) -%}
select distinct
    mesure,
    periode,
    periode_debut,
    periode_fin,
    bloc,
    source_id,
    millesime
from {{ ref('stg_edition__plan') }}
where {{ condition }} and etat = 'lue'
{%- endmacro %}
