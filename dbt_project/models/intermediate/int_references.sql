-- One row per territory × kind of comparison territory: the one it is set beside, if there is one.
-- Sets of QPV and EPCI take the department of their EPCI when it lies in one alone.
with epci as (
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
    left join epci as e on t.code_epci = e.code_epci and t.type_territoire in ('qpv_epci', 'epci')
    left join touches as q on t.code_territoire = q.code_qpv and t.perimetre = q.perimetre
),

candidats as (
    select
        *,
        'epci' as reference,
        if(type_territoire in ('qpv', 'qpv_epci'), 'EPCI:' || code_epci, null) as code_reference
    from territoires
    union all
    select
        *,
        'departement' as reference,
        if(
            type_territoire in ('qpv', 'qpv_epci', 'qpv_departement', 'epci'),
            'DEP:' || code_departement,
            null
        ) as code_reference
    from territoires
    -- The metropole is no reference for a quarter overseas, for a set that may hold some, nor for
    -- itself.
    union all
    select
        *,
        'france' as reference,
        if(
            type_territoire not in ('france', 'qpv_producteur')
            and coalesce(est_metropole, coalesce(code_departement, '') !~ '^9[78]'),
            'FRMETRO',
            null
        ) as code_reference
    from territoires
)

select
    code_territoire,
    type_territoire,
    perimetre,
    reference,
    code_reference,
    nb_epci
from candidats
