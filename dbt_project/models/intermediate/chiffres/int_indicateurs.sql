{{ config(materialized='view') }}
-- One row per territory × indicator × period: those with a formula, then those made of two territories.
select * from {{ ref('int_indicateurs_directs') }}
union all by name
select * from {{ ref('int_rapprochements') }}
