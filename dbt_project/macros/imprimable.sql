{# A label that somebody typed, on one line, without control or direction-changing characters. #}
{% macro imprimable(texte) -%}
nullif(trim(regexp_replace({{ texte }}, '[\pC\pZ]+', ' ', 'g')), '')
{%- endmacro %}
