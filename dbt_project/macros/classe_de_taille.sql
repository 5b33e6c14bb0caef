{# The size class of a quarter of so many people: half of those of 2015 are in the middle one. #}
{% macro classe_de_taille(population) -%}
case
    when {{ population }} < 2000 then 'moins de 2 000 habitants'
    when {{ population }} < 5000 then 'de 2 000 à 4 999 habitants'
    when {{ population }} >= 5000 then '5 000 habitants ou plus'
end
{%- endmacro %}
