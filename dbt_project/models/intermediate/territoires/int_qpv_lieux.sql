-- Where each QPV in force lies: one row per QPV, type of whole territory and key of the place. A
-- membership file may name a QPV that no list holds: it is none.
with qpv as (
    select * from {{ ref('int_qpv') }}
    where not est_ancien
)

select
    e.code_qpv,
    e.perimetre,
    'epci' as type_lieu,
    e.code_epci as cle
from {{ ref('int_qpv_epci') }} as e
inner join qpv as q on e.code_qpv = q.code_qpv and e.perimetre = q.perimetre
union all
select
    code_qpv,
    perimetre,
    'departement' as type_lieu,
    code_departement as cle
from qpv
union all
select
    code_qpv,
    perimetre,
    'france' as type_lieu,
    '' as cle
from qpv
where est_metropole
