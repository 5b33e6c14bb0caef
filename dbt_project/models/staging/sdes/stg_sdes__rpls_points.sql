-- Every dwelling, its point where it has one, and what the geocoder and the landlord say of its QPV.
select
    millesime,
    perimetre,
    if(code like 'Q%', code, null) as code_qpv,
    if(code_qpv_declare like 'Q%', code_qpv_declare, null) as code_qpv_declare,
    coalesce(try_cast(qualite_qpv as integer) = 3, false) as est_qpv_incertain,
    coalesce(try_cast(qualite_xy as integer) = 33, false) as est_point_incertain,
    upper(trim(type_construction)) as type_construction,
    try_cast(nb_pieces as integer) as nb_pieces,
    try_cast(annee_construction as integer) as annee_construction,
    upper(trim(etiquette_energie)) as etiquette_energie,
    try_cast(mode_occupation as integer) as mode_occupation,
    try_cast(epsg as integer) as epsg,
    try_cast(replace(x, ',', '.') as double) as x,
    try_cast(replace(y, ',', '.') as double) as y
from {{ source('landing', 'sdes_rpls_logements') }}
