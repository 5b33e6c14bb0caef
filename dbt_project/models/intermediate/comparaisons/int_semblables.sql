-- One row per quarter × quarter like it: the twenty nearest by the indicators that tell what kind of
-- place it is, each from its median in interquartile ranges, three at most: one figure far off says
-- no more than far. Ten known on both sides are enough, by their mean square.
with bornes as (
    select
        code_indicateur,
        median(valeur) as milieu,
        quantile_cont(valeur, 0.75) - quantile_cont(valeur, 0.25) as etendue
    from {{ ref('int_chiffres_de_quartier') }}
    where structure
    group by code_indicateur
),

places as (
    select
        c.code_qpv,
        c.perimetre,
        c.code_indicateur,
        ((c.valeur - b.milieu) / b.etendue)::float as place
    from {{ ref('int_chiffres_de_quartier') }} as c
    inner join bornes as b on c.code_indicateur = b.code_indicateur
    where b.etendue > 0
),

paires as (
    select
        a.code_qpv as un,
        b.code_qpv as autre,
        a.perimetre,
        sqrt(avg(pow(least(abs(a.place - b.place), 3), 2))) as distance,
        count(*) as nb_indicateurs
    from places as a
    inner join places as b
        on
            a.code_indicateur = b.code_indicateur
            and a.perimetre = b.perimetre
            and a.code_qpv < b.code_qpv
    group by all
    having count(*) >= 10
),

cotes as (
    select
        un as code_qpv,
        autre as code_semblable,
        * exclude (un, autre)
    from paires
    union all by name
    select
        autre as code_qpv,
        un as code_semblable,
        * exclude (un, autre)
    from paires
)

select
    code_qpv,
    perimetre,
    code_semblable,
    row_number() over proches as rang,
    round(distance, 6) as distance,
    nb_indicateurs
from cotes
-- A float's last digits depend on the order of a sum: what is that near is told apart by its code.
window proches as (partition by code_qpv, perimetre order by round(distance, 6), code_semblable)
qualify row_number() over proches <= 20
