{{ config(materialized='view') }}
-- One row per territory × mesure × period: what files give, what is left of a place without the
-- quarters in it, and what places put together add up to.
select * from {{ ref('int_mesures_lues') }}
union all by name
select * from {{ ref('int_mesures_hors') }}
union all by name
select * from {{ ref('int_mesures_reunies') }}
