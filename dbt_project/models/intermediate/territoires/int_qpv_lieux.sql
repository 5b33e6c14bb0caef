-- Where each QPV in force lies: one row per QPV, type of whole territory and key of the place, the
-- first one at `rang` 1; `est_entier`: known to touch no other of that type. Its EPCI and its
-- département are its own; all else comes from its communes, as they are today, and its département. A
-- membership file may name a QPV that no list holds: it is none. A commune that no list names is no
-- place to set a quarter beside (`int_rattachements` says which). What puts together the places with a
-- quarter lies where what holds them does.
with qpv as (
    select * from {{ ref('int_qpv') }}
    where not est_ancien
),

communes as (
    select
        c.code_qpv,
        c.perimetre,
        coalesce(k.code_rattachement, c.code_commune) as code_commune,
        min(c.rang) as rang,
        bool_and(c.est_complete) as est_complete
    from {{ ref('int_qpv_communes') }} as c
    left join {{ ref('int_communes') }} as k on c.code_commune = k.code_commune
    group by all
),

nommees as (
    select
        c.*,
        n.libelle_commune is not null as est_nommee
    from communes as c
    left join {{ ref('int_communes') }} as n on c.code_commune = n.code_commune
),

directes as (
    select
        code_qpv,
        perimetre,
        'commune' as type_lieu,
        code_commune as cle,
        rang,
        est_complete and bool_and(est_nommee) over (partition by code_qpv, perimetre) as est_complete
    from nommees
    qualify est_nommee
    union all
    select
        code_qpv,
        perimetre,
        'epci' as type_lieu,
        code_epci as cle,
        rang,
        origine <> 'premiere_commune' as est_complete
    from {{ ref('int_qpv_epci') }}
    union all
    select
        code_qpv,
        perimetre,
        'departement' as type_lieu,
        code_departement as cle,
        1 as rang,
        true as est_complete
    from qpv
    union all
    select
        q.code_qpv,
        q.perimetre,
        d.type_lieu,
        d.cle,
        1 as rang,
        true as est_complete
    from qpv as q
    inner join {{ ref('int_departements_lieux') }} as d on q.code_departement = d.code_departement
),

-- What is left of a place without its quarters is where they are.
places as (
    select * from directes
    union all
    select d.* replace (t.type_territoire as type_lieu)
    from directes as d
    inner join {{ ref('stg_edition__types_territoire') }} as t on d.type_lieu = t.tout and t.hors is not null
),

composees as (
    select
        c.code_qpv,
        c.perimetre,
        l.type_lieu,
        l.cle,
        min(c.rang) as rang,
        bool_and(c.est_complete) as est_complete
    from communes as c
    inner join {{ ref('int_communes_lieux') }} as l on c.code_commune = l.code_commune
    where l.type_lieu not in (select p.type_lieu from places as p)
    group by all
),

simples as (
    select * from places
    union all
    select * from composees
),

lieux as (
    select * from simples
    union all
    select s.* replace (t.type_territoire as type_lieu)
    from simples as s
    inner join {{ ref('stg_edition__types_territoire') }} as t
        on s.type_lieu = t.parent and t.reunit is not null
)

select
    p.code_qpv,
    p.perimetre,
    p.type_lieu,
    p.cle,
    row_number() over (
        partition by p.code_qpv, p.perimetre, p.type_lieu
        order by p.rang, p.cle
    )::integer as rang,
    p.est_complete and count(*) over (partition by p.code_qpv, p.perimetre, p.type_lieu) = 1 as est_entier
from lieux as p
inner join qpv as q on p.code_qpv = q.code_qpv and p.perimetre = q.perimetre
