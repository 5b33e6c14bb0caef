-- Every dwelling, its point where it has one, and what the geocoder and the landlord say of it. The
-- landlord says whether it lies in a QPV, never which; the département is that of its commune.
select
    millesime,
    regexp_extract(code, '^(9[78].|..)') as code_departement,
    if(code_qpv_actuel like 'Q%', code_qpv_actuel, null) as code_qpv_actuel,
    coalesce(qualite_qpv_actuel, '') = '3' as est_qpv_actuel_incertain,
    if(code_qpv_ancien like 'Q%', code_qpv_ancien, null) as code_qpv_ancien,
    coalesce(qualite_qpv_ancien, '') = '3' as est_qpv_ancien_incertain,
    coalesce(qualite_xy, '') = '33' as est_point_incertain,
    coalesce(est_declare, false) as est_declare,
    type_construction,
    nb_pieces,
    annee_construction,
    etiquette_energie,
    mode_occupation,
    epsg::integer as epsg,
    x,
    y
from {{ source('landing', 'sdes_rpls_logements') }}
