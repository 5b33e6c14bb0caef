-- One row per territory × kind of comparison territory: the one it is set beside, if there is one.
-- Sets of QPV and EPCI take the department of their EPCI when it lies in one alone.
with types as (
    select * from {{ ref('stg_edition__types_territoire') }}
),

epci as (
    select
        code_epci,
        if(count(distinct code_departement) = 1, any_value(code_departement), null) as code_departement
    from {{ ref('stg_insee__epci') }}
    group by code_epci
),

touches as (
    select
        code_qpv,
        perimetre,
        count(*) as nb_epci
    from {{ ref('int_qpv_epci') }}
    group by code_qpv, perimetre
),

territoires as (
    select
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        t.est_metropole,
        t.code_epci,
        coalesce(t.code_departement, e.code_departement) as code_departement,
        coalesce(q.nb_epci, 1) as nb_epci
    from {{ ref('int_territoires') }} as t
    inner join types as y on t.type_territoire = y.type_territoire
    left join epci as e
        on t.code_epci = e.code_epci and coalesce(y.tout, y.type_territoire) = 'epci'
    left join touches as q on t.code_territoire = q.code_qpv and t.perimetre = q.perimetre
),

-- Where each lies, by type of whole territory. The metropole is no reference for a quarter overseas
-- nor for a set that may hold some.
lieux as (
    select
        code_territoire,
        perimetre,
        'epci' as type_lieu,
        code_epci as cle
    from territoires
    union all
    select
        code_territoire,
        perimetre,
        'departement' as type_lieu,
        code_departement as cle
    from territoires
    union all
    select
        code_territoire,
        perimetre,
        'france' as type_lieu,
        '' as cle
    from territoires
    where coalesce(est_metropole, coalesce(code_departement, '') !~ '^9[78]')
)

select
    t.code_territoire,
    t.type_territoire,
    t.perimetre,
    w.type_territoire as reference,
    if(r.reference is null, null, w.prefixe || l.cle) as code_reference,
    t.nb_epci
from territoires as t
inner join types as w on w.est_entier
left join {{ ref('stg_edition__references_des_types') }} as r
    on t.type_territoire = r.type_territoire and w.type_territoire = r.reference
left join lieux as l
    on
        t.code_territoire = l.code_territoire
        and t.perimetre = l.perimetre
        and w.type_territoire = l.type_lieu
