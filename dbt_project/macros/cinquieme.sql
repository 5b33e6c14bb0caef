{# Which fifth of so many a rank falls in, from 1; equal ranks fall in the same one. Of fewer than five,
   none. #}
{% macro cinquieme(rang, nombre) -%}
if({{ nombre }} >= 5, 1 + (5 * ({{ rang }} - 1)) // {{ nombre }}, null)
{%- endmacro %}
