{# One sentence for every masked figure: which of them are small is what must not be told. #}
{% macro motif_du_secret() -%}
secret statistique : masqué pour que personne ne puisse retrouver un petit effectif
{%- endmacro %}
