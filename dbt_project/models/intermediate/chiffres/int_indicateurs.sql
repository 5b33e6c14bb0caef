-- One row per territory × indicator × role: those with a formula, then those made of two territories.
select * from {{ ref('int_indicateurs_directs') }}
union all by name
select * from {{ ref('int_rapprochements') }}
