{# What the rules say (`v`) of a figure and its own at an earlier period, by its type, and, of what is
   about communes (`k`), by its quarter: communes are compared with the same communes. Of an EPCI or a
   commune whose outline changed (`o`), what did: a reserve. #}
{% macro verdict_du_couple(figure, periode_comparaison) -%}
left join {{ ref('stg_edition__comparabilites') }} as v
    on
        {{ figure }}.code_indicateur = v.code_indicateur
        and {{ figure }}.type_territoire = v.type_territoire
        and {{ figure }}.relation = v.relation
        and {{ figure }}.periode = v.periode
        and {{ periode_comparaison }} = v.periode_comparaison
left join {{ ref('stg_edition__communes_changees') }} as k
    on
        {{ figure }}.code_territoire = k.code_territoire
        and {{ figure }}.code_indicateur = k.code_indicateur
        and {{ figure }}.periode = k.periode
        and {{ periode_comparaison }} = k.periode_comparaison
left join {{ ref('int_contours_changes') }} as o
    on
        {{ figure }}.code_territoire = o.code_territoire
        and {{ figure }}.code_indicateur = o.code_indicateur
        and {{ figure }}.periode = o.periode
        and {{ periode_comparaison }} = o.periode_comparaison
{%- endmacro %}
