-- One row per QPV and perimeter. The list comes first; contours give the QPV that no list has.
with liste as (
    select
        code_qpv,
        perimetre,
        libelle,
        codes_communes,
        code_epci
    from {{ ref('stg_anct__liste_qpv') }}
),

contours as (
    select
        code_qpv,
        perimetre,
        libelle,
        codes_communes,
        code_epci
    from {{ ref('stg_anct__contours') }}
),

reunis as (
    select * from liste
    union all
    select * from contours
    where code_qpv not in (select code_qpv from liste)
),

departements as (
    select
        *,
        regexp_replace(substr(code_qpv, 3, 3), '^0', '') as code_departement
    from reunis
)

select
    code_qpv,
    perimetre,
    libelle,
    codes_communes,
    code_epci,
    code_departement,
    code_departement !~ '9[78].' as est_metropole
from departements
