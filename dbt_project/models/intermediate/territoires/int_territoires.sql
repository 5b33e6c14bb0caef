-- Every territory that the edition speaks of: QPV, recomposed sets, a producer's own set, comparison
-- territories, and the perimeters that an EPCI adds.
with types as (
    select * from {{ ref('stg_edition__types_territoire') }}
),

-- What each place is in, itself included: a whole one is a member of its own type.
lieux as (
    select
        type_lieu,
        cle,
        max(if(reference = 'epci', cle_reference, null)) as code_epci,
        max(if(reference = 'departement', cle_reference, null)) as code_departement,
        max(if(reference = 'region', cle_reference, null)) as code_region
    from (
        select * from {{ ref('int_lieux_dans') }}
        union
        select distinct
            type_lieu,
            cle,
            type_lieu as reference,
            cle as cle_reference
        from {{ ref('int_qpv_lieux') }}
    ) as dans
    group by type_lieu, cle
),

premiers as (
    select
        code_qpv,
        perimetre,
        max(if(type_lieu = 'epci', cle, null)) as code_epci,
        max(if(type_lieu = 'region', cle, null)) as code_region
    from {{ ref('int_qpv_lieux') }}
    where rang = 1
    group by code_qpv, perimetre
),

communes as (
    select
        c.code_qpv,
        c.perimetre,
        string_agg(c.code_commune, ';' order by c.rang) as codes_communes,
        string_agg(e.libelle_commune, ', ' order by c.rang) as libelles_communes
    from {{ ref('int_qpv_communes') }} as c
    left join {{ ref('int_communes') }} as e on c.code_commune = e.code_commune
    group by c.code_qpv, c.perimetre
),

qpv as (
    select
        q.code_qpv as code_territoire,
        'qpv' as type_territoire,
        q.libelle,
        q.libelle || coalesce(' (' || c.libelles_communes || ')', '') as libelle_long,
        q.perimetre,
        q.code_departement,
        p.code_region,
        p.code_epci,
        c.codes_communes,
        q.est_metropole,
        1::bigint as nb_qpv
    from {{ ref('int_qpv') }} as q
    left join premiers as p on q.code_qpv = p.code_qpv and q.perimetre = p.perimetre
    left join communes as c on q.code_qpv = c.code_qpv and q.perimetre = c.perimetre
),

tailles as (
    select
        e.code_ensemble,
        e.type_territoire,
        e.perimetre,
        t.tout,
        substr(e.code_ensemble, length(t.prefixe) + 1) as cle,
        count(*) as nb_qpv
    from {{ ref('int_ensembles') }} as e
    inner join types as t on e.type_territoire = t.type_territoire
    group by all
),

-- A set is called after its place: by the name that a list gives, else by the key.
ensembles as (
    select
        t.code_ensemble as code_territoire,
        t.type_territoire,
        'QP ' || coalesce(l.libelle_de, replace(p.nom_de, '{cle}', t.cle)) as libelle,
        t.perimetre,
        d.code_departement,
        d.code_region,
        d.code_epci,
        t.nb_qpv
    from tailles as t
    inner join types as p on t.tout = p.type_territoire
    left join {{ ref('int_lieux') }} as l on t.tout = l.type_territoire and t.cle = l.cle
    left join lieux as d on t.tout = d.type_lieu and t.cle = d.cle
),

-- Those that hold a quarter of the edition's perimeter.
comparaisons as (
    select
        y.prefixe || q.cle as code_territoire,
        y.type_territoire,
        coalesce(l.libelle, replace(y.nom, '{cle}', q.cle)) as libelle,
        d.code_departement,
        d.code_region,
        d.code_epci,
        if(y.type_territoire = 'commune', q.cle, null) as codes_communes,
        if(y.par_perimetre, q.perimetre, '') as perimetre
    from (
        select distinct
            type_lieu,
            cle,
            perimetre
        from {{ ref('int_qpv_lieux') }}
        where perimetre = (select perimetre from {{ ref('stg_edition__parametres') }})
    ) as q
    inner join types as y on q.type_lieu = y.type_territoire and y.est_entier
    left join {{ ref('int_lieux') }} as l on q.type_lieu = l.type_territoire and q.cle = l.cle
    left join lieux as d on q.type_lieu = d.type_lieu and q.cle = d.cle
),

-- The line in which a producer gives its own figures of all its QPV, where the edition reads one:
-- what each figure covers is said beside it, and all of it here.
producteur as (
    select
        code_territoire,
        'qpv_producteur' as type_territoire,
        'Ensemble des QPV selon l''Insee' as libelle,
        'Ensemble des QPV selon l''Insee (' || string_agg(distinct champ, ' ; ' order by champ) || ')'
            as libelle_long,
        perimetre
    from {{ ref('int_mesures') }}
    where
        code_territoire = 'QPV@INSEE'
        and perimetre = (select perimetre from {{ ref('stg_edition__parametres') }})
    group by code_territoire, perimetre
)

select * from qpv
union all by name
select * from producteur
union all by name
select
    code_perimetre as code_territoire,
    'perimetre_local' as type_territoire,
    libelle,
    libelle || coalesce(' (' || type_local || ')', '') as libelle_long,
    '' as perimetre,
    code_departement,
    code_epci,
    est_metropole
from {{ ref('int_perimetres_locaux') }}
union all by name
select
    *,
    libelle as libelle_long,
    null as codes_communes,
    null as est_metropole
from ensembles
union all by name
select
    *,
    libelle as libelle_long,
    null as est_metropole,
    null as nb_qpv
from comparaisons
