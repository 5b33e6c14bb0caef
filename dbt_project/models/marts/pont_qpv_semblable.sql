select
    code_qpv::varchar as code_qpv,
    perimetre::varchar as perimetre,
    code_semblable::varchar as code_semblable,
    rang::integer as rang,
    distance::double as distance,
    nb_indicateurs::integer as nb_indicateurs
from {{ ref('int_semblables') }}
order by perimetre, code_qpv, rang
