{# The rows of `points` (epsg, x, y) that lie in a local perimeter, with its code_perimetre; a row
   in two perimeters comes twice. First the kilometre squares that a perimeter's box touches, by
   equality, then the box, then the number of its sides that a ray along x crosses: odd is inside.
   A point on a shared side is in one of the two perimeters only. #}
{% macro dans_un_perimetre(points) -%}
with candidats as (
    select
        p.*,
        c.code_perimetre
    from {{ points }} as p
    inner join {{ ref('int_perimetres__cases') }} as c
        on
            p.epsg = c.epsg
            and floor(p.x / 1000)::integer = c.case_x
            and floor(p.y / 1000)::integer = c.case_y
            and p.x between c.x_min and c.x_max
            and p.y between c.y_min and c.y_max
),

lieux as (
    select distinct
        code_perimetre,
        x,
        y
    from candidats
),

interieurs as (
    select
        l.code_perimetre,
        l.x,
        l.y
    from lieux as l
    inner join {{ ref('stg_geometrie__cotes') }} as s
        on
            l.code_perimetre = s.code_perimetre
            and (s.y1 > l.y) <> (s.y2 > l.y)
            and l.x < s.x1 + (s.x2 - s.x1) * (l.y - s.y1) / (s.y2 - s.y1)
    group by l.code_perimetre, l.x, l.y
    having count(*) % 2 = 1
)

select c.*
from candidats as c
inner join interieurs as i
    on c.code_perimetre = i.code_perimetre and c.x = i.x and c.y = i.y
{%- endmacro %}
