{# What a name becomes after « de »: by its longest declared beginning, capitals or not. #}
{% macro apres_de(libelle) -%}
coalesce(
    (
        select arg_max(d.apres_de || substr({{ libelle }}, length(d.debut) + 1), length(d.debut))
        from {{ ref('stg_edition__debuts') }} as d
        where starts_with(lower({{ libelle }}), lower(d.debut))
    ),
    'de ' || {{ libelle }}
)
{%- endmacro %}
