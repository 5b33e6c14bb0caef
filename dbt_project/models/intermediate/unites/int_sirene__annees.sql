-- Years of creation that the stock of each millésime tells apart: those that the edition asks of it, and
-- those asked of any that were over before its year. A month that a newer one replaces tells the same:
-- it is not counted again.
with demandes as (
    select distinct
        millesime,
        bloc like 'creations%' as est_creation,
        year(periode_fin) as annee
    from {{ ref('stg_edition__plan') }}
    where source_id = 'insee_sirene_etablissements'
)

select distinct
    s.millesime,
    d.annee
from demandes as s
inner join demandes as d
    on s.millesime = d.millesime or d.annee < substr(s.millesime, 1, 4)::integer
where d.est_creation
