-- Members of each recomposed set: one row per set and whole QPV in force, in the edition's perimeter. A set
-- is complete when the files read hold all its QPV ('*': all of France).
with qpv as (
    select * from {{ ref('int_qpv') }}
    where
        perimetre = (select perimetre from {{ ref('stg_edition__parametres') }})
        and not est_ancien
),

epci as (
    select
        e.code_qpv,
        e.perimetre,
        e.code_epci
    from {{ ref('int_qpv_epci') }} as e
    inner join qpv on e.code_qpv = qpv.code_qpv and e.perimetre = qpv.perimetre
),

reunis as (
    select
        'QPV@EPCI:' || code_epci as code_ensemble,
        'qpv_epci' as type_territoire,
        code_qpv,
        perimetre
    from epci
    union all
    select
        'QPV@DEP:' || code_departement as code_ensemble,
        'qpv_departement' as type_territoire,
        code_qpv,
        perimetre
    from qpv
    union all
    select
        'QPV@FRMETRO' as code_ensemble,
        'qpv_france' as type_territoire,
        code_qpv,
        perimetre
    from qpv
    where est_metropole
)

select
    *,
    exists(
        select 1 from {{ ref('stg_edition__ensembles_complets') }} as c
        where c.code_ensemble in ('*', reunis.code_ensemble)
    ) as est_complet
from reunis
