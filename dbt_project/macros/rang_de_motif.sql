{# Which reason is said first when several are at hand: what holds for everybody before what holds
   for one cell; among equals, by the `ordre` of the term or the `code` of the territory, so that two
   builds say the same. One number or one text: of a pair, DuckDB makes a key for each row. #}
{% macro rang_de_motif(statut, ordre=none, code=none) -%}
(
    case {{ statut }}
        when 'non_disponible' then 1
        when 'sans_objet' then 2
        when 'hors_champ' then 3
        when 'non_diffuse' then 4
        else 5
    end {% if code %}|| {{ code }}{% else %}* 1000000 + {{ ordre }}{% endif %}

)
{%- endmacro %}
