{# What one figure is known by, as columns of a select or of a group by. #}
{% macro cle_du_chiffre(alias='') -%}
{%- set prefixe = alias ~ '.' if alias else '' -%}
{{ prefixe }}code_territoire,
{{ prefixe }}type_territoire,
{{ prefixe }}perimetre,
{{ prefixe }}code_indicateur,
{{ prefixe }}periode
{%- endmacro %}
