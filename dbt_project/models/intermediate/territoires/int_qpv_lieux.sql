-- Where each QPV in force lies: one row per QPV, type of whole territory and key of the place.
select
    code_qpv,
    perimetre,
    'epci' as type_lieu,
    code_epci as cle
from {{ ref('int_qpv_epci') }}
union all
select
    code_qpv,
    perimetre,
    'departement' as type_lieu,
    code_departement as cle
from {{ ref('int_qpv') }}
where not est_ancien
union all
select
    code_qpv,
    perimetre,
    'france' as type_lieu,
    '' as cle
from {{ ref('int_qpv') }}
where not est_ancien and est_metropole
