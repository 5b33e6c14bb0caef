-- What a type that puts places together (`reunit`) is made of: one row per territory, place with a
-- quarter of the edition's perimeter, and code under which a file may give that place whole, the first at
-- `rang` 1. Its places are known when the files read hold all its quarters, each with its place.
with types as (
    select * from {{ ref('stg_edition__types_territoire') }}
),

-- Paris is in no territory of Grand Paris: lists of quarters name the city, of which files give the
-- commune or the département, of the same outline.
autres_codes as (
    select
        n.code_lieu,
        n.code_lu,
        n.rang
    from (values ('EPCI:217500016', 'COM:75056', 2), ('EPCI:217500016', 'DEP:75', 3)) as n (
        code_lieu, code_lu, rang
    )
),

-- The Métropole du Grand Paris would count its territories twice: it is not the place of a quarter.
quartiers as (
    select
        y.type_territoire,
        y.prefixe || q.cle as code_territoire,
        q.perimetre,
        z.prefixe || l.cle as code_lieu,
        n.libelle,
        coalesce(e.est_complet, false) as est_complet
    from types as y
    inner join {{ ref('int_qpv_lieux') }} as q on y.type_territoire = q.type_lieu
    inner join {{ ref('stg_edition__parametres') }} as p on q.perimetre = p.perimetre
    inner join types as z on y.reunit = z.type_territoire
    left join {{ ref('int_qpv_lieux') }} as l
        on
            q.code_qpv = l.code_qpv
            and q.perimetre = l.perimetre
            and y.reunit = l.type_lieu
            and l.cle <> '200054781'
    left join {{ ref('int_lieux') }} as n on y.reunit = n.type_territoire and l.cle = n.cle
    left join types as s on y.parent = s.tout and s.ensemble is not null
    left join {{ ref('int_ensembles') }} as e
        on
            s.prefixe || q.cle = e.code_ensemble
            and q.code_qpv = e.code_qpv
            and q.perimetre = e.perimetre
),

lieux as (
    select distinct
        type_territoire,
        code_territoire,
        perimetre,
        code_lieu,
        coalesce(libelle, code_lieu) as libelle,
        bool_and(est_complet and code_lieu is not null) over (
            partition by code_territoire, perimetre
        ) as est_complet
    from quartiers
    qualify code_lieu is not null
)

select
    l.*,
    c.code_lu,
    c.rang
from lieux as l
inner join (
    select distinct
        code_lieu,
        code_lieu as code_lu,
        1 as rang
    from lieux
    union all
    select * from autres_codes
) as c on l.code_lieu = c.code_lieu
