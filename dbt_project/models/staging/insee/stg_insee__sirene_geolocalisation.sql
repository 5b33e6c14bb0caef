-- Only what lies in a QPV: HZ (hors zone) and CSZ (commune sans zonage) are no codes.
select
    millesime,
    code::varchar as siret,
    if(code_qpv_actuel like 'Q%', code_qpv_actuel, null) as code_qpv_actuel,
    coalesce(qualite_qpv_actuel = '3', false) or coalesce(qualite_xy = '33', false) as est_incertain_actuel,
    if(code_qpv_ancien like 'Q%', code_qpv_ancien, null) as code_qpv_ancien,
    coalesce(qualite_qpv_ancien = '3', false) or coalesce(qualite_xy = '33', false) as est_incertain_ancien
from {{ source('landing', 'insee_sirene_geolocalisation') }}
where code_qpv_actuel like 'Q%' or code_qpv_ancien like 'Q%'
