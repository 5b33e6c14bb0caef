select
    code_territoire::varchar as code_territoire,
    type_territoire::varchar as type_territoire,
    libelle::varchar as libelle,
    libelle_long::varchar as libelle_long,
    perimetre::varchar as perimetre,
    code_departement::varchar as code_departement,
    code_region::varchar as code_region,
    code_epci::varchar as code_epci,
    codes_communes::varchar as codes_communes,
    est_metropole::boolean as est_metropole,
    nb_qpv::bigint as nb_qpv
from {{ ref('int_territoires') }}
order by perimetre, type_territoire, code_territoire
