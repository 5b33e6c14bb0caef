select
    code as code_qpv,
    statut_passage,
    code_qpv_origine,
    code_qpv_origine_deux,
    code_qpv_origine_trois,
    source_id,
    millesime
from {{ source('landing', 'anct_passage') }}
