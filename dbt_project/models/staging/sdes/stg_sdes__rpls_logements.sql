-- Only dwellings that the geocoder or the landlord puts in a QPV.
select
    millesime,
    perimetre,
    if(code like 'Q%', code, null) as code_qpv,
    if(code_qpv_declare like 'Q%', code_qpv_declare, null) as code_qpv_declare,
    coalesce(try_cast(qualite_qpv as integer) = 3, false)
    or coalesce(try_cast(qualite_xy as integer) = 33, false) as est_incertain,
    upper(trim(type_construction)) as type_construction,
    try_cast(nb_pieces as integer) as nb_pieces,
    try_cast(annee_construction as integer) as annee_construction,
    upper(trim(etiquette_energie)) as etiquette_energie,
    try_cast(mode_occupation as integer) as mode_occupation
from {{ source('landing', 'sdes_rpls_logements') }}
where code like 'Q%' or code_qpv_declare like 'Q%'
