-- With `int_rpls__ecarts`, the only model that reads dwellings one by one: counts of those that a QPV
-- holds, those in a local perimeter (perimetre is then empty, its code stands for the QPV's), and,
-- without a code, those that their landlord says to be in a QPV that nobody names, by département.
-- What crosses years, rooms and labels would have as many rows as dwellings: each is counted alone.
with par_perimetre as (
    select
        *,
        '2024' as perimetre,
        code_qpv_actuel as code_qpv,
        est_qpv_actuel_incertain or est_point_incertain as est_incertain
    from {{ ref('stg_sdes__rpls_logements') }}
    where code_qpv_actuel is not null or est_declare
    union all
    select
        *,
        '2015' as perimetre,
        code_qpv_ancien as code_qpv,
        est_qpv_ancien_incertain or est_point_incertain as est_incertain
    from {{ ref('stg_sdes__rpls_logements') }}
    where code_qpv_ancien is not null or est_declare
    union all
    select
        * exclude (code_perimetre, epsg, x, y),
        '' as perimetre,
        code_perimetre as code_qpv,
        est_point_incertain as est_incertain
    from {{ ref('int_rpls__points_locaux') }}
),

logements as (
    select
        * exclude (code_departement, nb_pieces, annee_construction, etiquette_energie),
        if(code_qpv is null, code_departement, null) as code_departement,
        if(nb_pieces between 1 and 50, nb_pieces, null) as nb_pieces,
        if(
            annee_construction between 1000 and substr(millesime, 1, 4)::integer, annee_construction, null
        ) as annee_construction,
        if(etiquette_energie in ('A', 'B', 'C', 'D', 'E', 'F', 'G'), etiquette_energie, null)
            as etiquette_energie
    from par_perimetre
)

-- MODE 1: let; 2: offered and vacant; the rest (empty, kept, lent) is not on offer.
select
    millesime,
    perimetre,
    code_qpv,
    code_departement,
    est_incertain,
    count(*) as nb,
    count(*) filter (est_declare) as declares_et_localises,
    count(mode_occupation) as modes_connus,
    count(*) filter (type_construction = 'C') as collectifs,
    count(*) filter (type_construction = 'I') as individuels,
    count(*) filter (type_construction = 'E') as etudiants,
    count(*) filter (nb_pieces is not null) as pieces_connues,
    count(*) filter (nb_pieces = 1) as "1_piece",
    count(*) filter (nb_pieces = 2) as "2_pieces",
    count(*) filter (nb_pieces = 3) as "3_pieces",
    count(*) filter (nb_pieces = 4) as "4_pieces",
    count(*) filter (nb_pieces >= 5) as "5_pieces_plus",
    count(*) filter (annee_construction is not null) as epoque_connue,
    count(*) filter (annee_construction < 1949) as avant_1949,
    count(*) filter (annee_construction between 1949 and 1975) as "1949_1975",
    count(*) filter (annee_construction between 1976 and 1988) as "1976_1988",
    count(*) filter (annee_construction between 1989 and 2000) as "1989_2000",
    count(*) filter (annee_construction between 2001 and 2013) as "2001_2013",
    count(*) filter (annee_construction > 2013) as apres_2013,
    count(*) filter (etiquette_energie is not null) as dpe_etiquetes,
    count(*) filter (etiquette_energie = 'A') as dpe_a,
    count(*) filter (etiquette_energie = 'B') as dpe_b,
    count(*) filter (etiquette_energie = 'C') as dpe_c,
    count(*) filter (etiquette_energie = 'D') as dpe_d,
    count(*) filter (etiquette_energie = 'E') as dpe_e,
    count(*) filter (etiquette_energie = 'F') as dpe_f,
    count(*) filter (etiquette_energie = 'G') as dpe_g,
    count(*) filter (mode_occupation in ('1', '2')) as proposes,
    count(*) filter (mode_occupation = '2') as vacants,
    sum(nb_pieces) as pieces
from logements
group by millesime, perimetre, code_qpv, code_departement, est_incertain
