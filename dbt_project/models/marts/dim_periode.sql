with periodes as (
    select distinct
        periode,
        periode_debut,
        periode_fin
    from {{ ref('fct_indicateur') }}
    where periode is not null
)

select
    p.periode::varchar as periode,
    min(p.periode_debut)::date as periode_debut,
    max(p.periode_fin)::date as periode_fin,
    case
        when p.periode ~ '\d{4}-\d{2}-\d{2}' then strftime(p.periode::date, '%d/%m/%Y')
        when p.periode ~ '\d{4}-T1' then '1er trimestre ' || substr(p.periode, 1, 4)
        when p.periode ~ '\d{4}-T\d' then right(p.periode, 1) || 'e trimestre ' || substr(p.periode, 1, 4)
        else p.periode
    end::varchar as libelle
from periodes as p
group by p.periode
order by p.periode
