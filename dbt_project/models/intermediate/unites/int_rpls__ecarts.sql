-- One row per millésime × two territories that share dwellings: how many are in one of them alone. The
-- difference of two counts that are published is theirs, whatever surface lies between the two.
with locaux as (
    select *
    from {{ ref('int_rpls__points_locaux') }}
    where not est_point_incertain
),

lieux as (
    select
        millesime,
        code_perimetre,
        epsg,
        x,
        y,
        count(*) as nb
    from locaux
    group by millesime, code_perimetre, epsg, x, y
),

tailles as (
    select
        millesime,
        code_qpv as code,
        perimetre,
        sum(nb) as nb
    from {{ ref('int_rpls__comptes') }}
    where code_qpv is not null and not est_incertain
    group by millesime, code_qpv, perimetre
),

communs as (
    select
        millesime,
        code_perimetre as code_a,
        '' as perimetre_a,
        code_qpv_actuel as code_b,
        '2024' as perimetre_b,
        count(*) as nb
    from locaux
    where code_qpv_actuel is not null and not est_qpv_actuel_incertain
    group by millesime, code_perimetre, code_qpv_actuel
    union all
    select
        millesime,
        code_perimetre as code_a,
        '' as perimetre_a,
        code_qpv_ancien as code_b,
        '2015' as perimetre_b,
        count(*) as nb
    from locaux
    where code_qpv_ancien is not null and not est_qpv_ancien_incertain
    group by millesime, code_perimetre, code_qpv_ancien
    union all
    select
        millesime,
        code_qpv_actuel as code_a,
        '2024' as perimetre_a,
        code_qpv_ancien as code_b,
        '2015' as perimetre_b,
        count(*) as nb
    from {{ ref('stg_sdes__rpls_logements') }}
    where
        code_qpv_actuel is not null
        and code_qpv_ancien is not null
        and not est_point_incertain
        and not est_qpv_actuel_incertain
        and not est_qpv_ancien_incertain
    group by millesime, code_qpv_actuel, code_qpv_ancien
    union all
    select
        a.millesime,
        a.code_perimetre as code_a,
        '' as perimetre_a,
        b.code_perimetre as code_b,
        '' as perimetre_b,
        sum(a.nb) as nb
    from lieux as a
    inner join lieux as b
        on
            a.millesime = b.millesime
            and a.epsg = b.epsg
            and a.x = b.x
            and a.y = b.y
            and a.code_perimetre < b.code_perimetre
    group by a.millesime, a.code_perimetre, b.code_perimetre
)

select
    c.millesime,
    c.code_a,
    c.perimetre_a,
    c.code_b,
    c.perimetre_b,
    (a.nb - c.nb)::integer as seulement_a,
    (b.nb - c.nb)::integer as seulement_b
from communs as c
inner join tailles as a
    on c.millesime = a.millesime and c.code_a = a.code and c.perimetre_a = a.perimetre
inner join tailles as b
    on c.millesime = b.millesime and c.code_b = b.code and c.perimetre_b = b.perimetre
