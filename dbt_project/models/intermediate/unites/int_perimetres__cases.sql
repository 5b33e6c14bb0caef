-- One row per local perimeter × square kilometre that its box touches.
with boites as (
    select
        code_perimetre,
        epsg,
        min(least(x1, x2)) as x_min,
        max(greatest(x1, x2)) as x_max,
        min(least(y1, y2)) as y_min,
        max(greatest(y1, y2)) as y_max
    from {{ ref('stg_geometrie__cotes') }}
    group by code_perimetre, epsg
),

colonnes as (
    select
        *,
        unnest(range(floor(x_min / 1000)::integer, floor(x_max / 1000)::integer + 1))::integer as case_x
    from boites
)

select
    *,
    unnest(range(floor(y_min / 1000)::integer, floor(y_max / 1000)::integer + 1))::integer as case_y
from colonnes
