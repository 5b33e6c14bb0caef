{# Every landed table of mesures has the same columns; a staging model picks its own. #}
{% macro stage_mesures(source_id) -%}
select
    code_territoire,
    perimetre,
    mesure,
    type_mesure,
    periode,
    periode_debut,
    periode_fin,
    valeur,
    statut,
    motif,
    bloc,
    source_id,
    millesime,
    fichier,
    sha256,
    ligne,
    entete
from {{ source('landing', source_id) }}
{%- endmacro %}
