{# Under it, a gap has not moved, in points or in %: two rounded figures at two dates, at one decimal
   each, are worth 4 × 0.05 together. #}
{% macro seuil_de_tendance() -%}
0.2
{%- endmacro %}
