{# A whole number as French prints it: « 34 816 », its groups apart by a narrow no-break space. #}
{% macro milliers(nombre) -%}
replace(format('{:,}', {{ nombre }}), ',', ' ')
{%- endmacro %}
