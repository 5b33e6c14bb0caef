-- One row per overlap between a QPV of today and one of before. The code's last letter says how
-- it relates: I unchanged, M changed, N new. An overlap is never an identity.
with recouvrements as (
    select
        code_qpv,
        statut_passage,
        code_qpv_origine
    from {{ ref('stg_anct__passage') }}
    union all
    select
        code_qpv,
        statut_passage,
        code_qpv_origine_deux
    from {{ ref('stg_anct__passage') }}
    union all
    select
        code_qpv,
        statut_passage,
        code_qpv_origine_trois
    from {{ ref('stg_anct__passage') }}
)

select
    code_qpv::varchar as code_qpv,
    code_qpv_origine::varchar as code_qpv_origine,
    statut_passage::varchar as statut_passage,
    case right(code_qpv, 1)
        when 'I' then 'inchange'
        when 'M' then 'modifie'
        when 'N' then 'nouveau'
    end::varchar as relation
from recouvrements
where code_qpv_origine is not null
order by code_qpv, code_qpv_origine
