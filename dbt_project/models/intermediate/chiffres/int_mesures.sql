{{ config(materialized='view') }}
-- One row per territory × mesure × period: what files give, and what is left of a place without the
-- quarters in it.
select * from {{ ref('int_mesures_lues') }}
union all by name
select * from {{ ref('int_mesures_hors') }}
