-- One row per EPCI, with its name: the composition of EPCI first; the list of QPV names those that
-- are younger than it, and the territories of the Grand Paris, which it does not hold.
with noms as (
    select
        code_epci,
        libelle_epci,
        1 as rang
    from {{ ref('stg_insee__epci') }}
    union all
    select
        code_epci,
        libelle_epci,
        2 as rang
    from {{ ref('stg_anct__liste_qpv') }}
    where regexp_full_match(code_epci, '\d{9}')
)

select
    code_epci,
    arg_min(libelle_epci, rang) as libelle
from noms
where libelle_epci is not null
group by code_epci
