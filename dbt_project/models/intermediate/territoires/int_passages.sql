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
),

relies as (
    select
        code_qpv,
        code_qpv_origine,
        statut_passage,
        case right(code_qpv, 1)
            when 'I' then 'inchange'
            when 'M' then 'modifie'
            when 'N' then 'nouveau'
        end as relation
    from recouvrements
    where code_qpv_origine is not null
)

-- Unchanged, from one quarter alone, that no other of today overlaps: the figures go on.
select
    *,
    relation = 'inchange'
    and count(*) over (partition by code_qpv) = 1
    and count(*) over (partition by code_qpv_origine) = 1 as est_continu
from relies
