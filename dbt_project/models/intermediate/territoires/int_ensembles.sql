-- Members of each recomposed set: one row per set and whole QPV in force, in the edition's perimeter. A set
-- is complete when the files read hold all its QPV ('*': all of France).
with reunis as (
    select
        t.prefixe || l.cle as code_ensemble,
        t.type_territoire,
        l.code_qpv,
        l.perimetre,
        t.membres_minimum
    from {{ ref('int_qpv_lieux') }} as l
    inner join {{ ref('stg_edition__types_territoire') }} as t
        on l.type_lieu = t.tout and t.ensemble = 'qpv'
    where
        (l.est_entier or not t.membres_entiers)
        and l.perimetre = (select perimetre from {{ ref('stg_edition__parametres') }})
    qualify count(*) over (partition by t.prefixe || l.cle) >= t.membres_minimum
)

select
    * exclude (membres_minimum),
    exists(
        select 1 from {{ ref('stg_edition__ensembles_complets') }} as c
        where c.code_ensemble in ('*', reunis.code_ensemble)
    ) as est_complet
from reunis
