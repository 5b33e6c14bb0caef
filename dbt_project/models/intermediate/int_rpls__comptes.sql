-- The only model that reads dwellings one by one: counts of those that a QPV holds or claims.
select
    millesime,
    perimetre,
    code_qpv,
    code_qpv_declare,
    est_incertain,
    type_construction,
    if(nb_pieces between 1 and 50, nb_pieces, null) as nb_pieces,
    if(annee_construction between 1000 and millesime::integer, annee_construction, null)
        as annee_construction,
    if(etiquette_energie in ('A', 'B', 'C', 'D', 'E', 'F', 'G'), etiquette_energie, null)
        as etiquette_energie,
    mode_occupation,
    count(*) as nb
from {{ ref('stg_sdes__rpls_logements') }}
group by all
