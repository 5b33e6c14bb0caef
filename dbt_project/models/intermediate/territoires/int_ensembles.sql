-- Members of each recomposed set: one row per set and whole QPV in force, in the edition's perimeter. A set
-- is complete when the files read hold all its QPV ('*': all of France).
with reunis as (
    select
        t.prefixe || l.cle as code_ensemble,
        t.type_territoire,
        l.code_qpv,
        l.perimetre
    from {{ ref('int_qpv_lieux') }} as l
    inner join {{ ref('stg_edition__types_territoire') }} as t
        on l.type_lieu = t.tout and t.ensemble = 'qpv'
    where l.perimetre = (select perimetre from {{ ref('stg_edition__parametres') }})
)

select
    *,
    exists(
        select 1 from {{ ref('stg_edition__ensembles_complets') }} as c
        where c.code_ensemble in ('*', reunis.code_ensemble)
    ) as est_complet
from reunis
