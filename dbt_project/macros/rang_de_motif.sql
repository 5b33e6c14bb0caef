{# Which reason is said first when several are at hand: what holds for everybody before what holds
   for one cell; among equals, by `departage`, so that two builds say the same. #}
{% macro rang_de_motif(statut, departage) -%}
row(
    case {{ statut }}
        when 'non_disponible' then 1
        when 'sans_objet' then 2
        when 'hors_champ' then 3
        when 'non_diffuse' then 4
        else 5
    end,
    {{ departage }}
)
{%- endmacro %}
