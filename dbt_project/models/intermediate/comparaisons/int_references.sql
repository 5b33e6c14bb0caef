-- One row per territory × kind of comparison territory: the one it is set beside, if there is one. A
-- quarter has its own places, the first of each type; a set and a whole, what holds their place whole.
with types as (
    select * from {{ ref('stg_edition__types_territoire') }}
),

qpv as (
    select
        *,
        count(*) over (partition by code_qpv, perimetre, type_lieu) as nb_lieux
    from {{ ref('int_qpv_lieux') }}
),

-- What is the place of a set is its own, and no reference of a whole.
entiers as (
    select
        t.code_territoire,
        t.perimetre,
        coalesce(y.tout, y.type_territoire) as type_lieu,
        substr(t.code_territoire, length(y.prefixe) + 1) as cle
    from {{ ref('int_territoires') }} as t
    inner join types as y on t.type_territoire = y.type_territoire
    where y.tout is not null or y.est_entier
),

lieux as (
    select
        code_qpv as code_territoire,
        perimetre,
        type_lieu,
        cle,
        nb_lieux
    from qpv
    where rang = 1
    union all
    select
        *,
        1 as nb_lieux
    from entiers
    union all
    select
        e.code_territoire,
        e.perimetre,
        d.reference as type_lieu,
        d.cle_reference as cle,
        1 as nb_lieux
    from entiers as e
    inner join {{ ref('int_lieux_dans') }} as d on e.type_lieu = d.type_lieu and e.cle = d.cle
    where d.reference <> e.type_lieu
    union all
    -- The places with a quarter, put together, lie in what the set of those quarters has for place.
    select
        e.code_territoire,
        e.perimetre,
        y.type_territoire as type_lieu,
        e.cle,
        1 as nb_lieux
    from entiers as e
    inner join types as y on e.type_lieu = y.parent and y.reunit is not null
    union all
    -- An outline that an EPCI adds lies where its coordinates say.
    select
        t.code_territoire,
        t.perimetre,
        f.type_lieu,
        '' as cle,
        1 as nb_lieux
    from {{ ref('int_territoires') }} as t
    inner join (values ('france'), ('france_entiere')) as f (type_lieu)
        on t.est_metropole or f.type_lieu <> 'france'
    where t.type_territoire = 'perimetre_local'
)

select
    t.code_territoire,
    t.type_territoire,
    t.perimetre,
    w.type_territoire as reference,
    if(r.reference is null, null, w.prefixe || l.cle) as code_reference,
    case
        when l.nb_lieux > 1
            then 'ce QPV touche ' || l.nb_lieux || ' ' || w.plusieurs || ' (' || w.prefixe || l.cle || ')'
    end as motif_choix
from {{ ref('int_territoires') }} as t
inner join types as w on w.est_entier
left join {{ ref('stg_edition__references_des_types') }} as r
    on t.type_territoire = r.type_territoire and w.type_territoire = r.reference
left join lieux as l
    on
        t.code_territoire = l.code_territoire
        and t.perimetre = l.perimetre
        and w.type_territoire = l.type_lieu
