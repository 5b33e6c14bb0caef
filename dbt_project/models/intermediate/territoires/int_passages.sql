-- One row per overlap between a QPV of today and one of before. The code's last letter says how
-- it relates. An overlap is never an identity.
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
        r.code_qpv,
        r.code_qpv_origine,
        r.statut_passage,
        l.relation
    from recouvrements as r
    left join {{ ref('stg_edition__perimetres') }} as p on starts_with(r.code_qpv, p.prefixe)
    left join {{ ref('stg_edition__relations') }} as l
        on p.perimetre = l.perimetre and right(r.code_qpv, 1) = l.lettre
    where r.code_qpv_origine is not null
)

-- Unchanged, from one quarter alone, that no other of today overlaps: the figures go on.
select
    *,
    relation = 'inchange'
    and count(*) over (partition by code_qpv) = 1
    and count(*) over (partition by code_qpv_origine) = 1 as est_continu
from relies
