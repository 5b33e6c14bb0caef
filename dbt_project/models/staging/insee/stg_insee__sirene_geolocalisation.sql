-- Only what lies in a QPV: HZ (hors zone) and CSZ (commune sans zonage) are no codes. Drawn at random:
-- quality 3 of the QPV, 33 of the point; a blank quality says nothing of that, and is counted at landing.
select
    millesime,
    code as siret,
    if(code_qpv_actuel like 'Q%', code_qpv_actuel, null) as code_qpv_actuel,
    coalesce(qualite_qpv_actuel, '') = '3' or coalesce(qualite_xy, '') = '33' as est_incertain_actuel,
    if(code_qpv_ancien like 'Q%', code_qpv_ancien, null) as code_qpv_ancien,
    coalesce(qualite_qpv_ancien, '') = '3' or coalesce(qualite_xy, '') = '33' as est_incertain_ancien
from {{ source('landing', 'insee_sirene_geolocalisation') }}
where code_qpv_actuel like 'Q%' or code_qpv_ancien like 'Q%'
