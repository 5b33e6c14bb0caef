{{ config(materialized='view') }}
-- The cells of int_mesures that no mask touches: what bridges and shares of people may read.
select m.*
from {{ ref('int_mesures') }} as m
left join {{ ref('int_masques') }} as k
    on
        m.code_territoire = k.code_territoire
        and m.perimetre = k.perimetre
        and m.mesure = k.mesure
        and m.periode = k.periode
where coalesce(k.etat, 'publiable') = 'publiable'
