-- A code can be a commune's and that of the delegated commune that bears its name: the commune goes first.
select
    code as code_commune,
    type_commune,
    libelle as libelle_commune,
    case when type_commune <> 'COM' then code_parente end as code_parente,
    millesime
from {{ source('landing', 'insee_cog_communes') }}
qualify row_number() over (
    partition by code order by millesime desc, type_commune <> 'COM' asc, type_commune asc
) = 1
