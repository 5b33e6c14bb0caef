{# Which reason is said first when several terms are missing: what holds for everybody before
   what holds for one cell. #}
{% macro gravite(statut) -%}
case {{ statut }}
    when 'non_disponible' then 1
    when 'sans_objet' then 2
    when 'hors_champ' then 3
    when 'non_diffuse' then 4
    else 5
end
{%- endmacro %}
