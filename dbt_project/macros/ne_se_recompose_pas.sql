{# Why the figure of a set is not made from those of its QPV, said of what the indicator is. #}
{% macro ne_se_recompose_pas(type, a_denominateur) -%}
'aucun fichier lu ne donne ce chiffre pour cet ensemble, et ' || case
    when {{ type }} = 'montant' then 'une médiane, un quantile ou une moyenne publiés ne se recomposent pas'
    when {{ type }} = 'effectif' then 'il ne s''additionne pas d''un QPV à l''autre'
    when {{ type }} = 'part' and {{ a_denominateur }} then 'cette part ne se recompose pas d''un QPV à l''autre'
    when {{ type }} = 'part' then 'un taux publié sans ses effectifs ne se recompose pas'
    else 'un indice, un rapport ou un écart de chiffres publiés ne se recompose pas'
end
{%- endmacro %}
