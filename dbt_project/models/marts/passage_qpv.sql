-- One row per overlap between a QPV of today and one of before.
select
    code_qpv::varchar as code_qpv,
    code_qpv_origine::varchar as code_qpv_origine,
    statut_passage::varchar as statut_passage,
    relation::varchar as relation
from {{ ref('int_passages') }}
order by code_qpv, code_qpv_origine
