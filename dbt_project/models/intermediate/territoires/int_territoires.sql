-- Every territory that the edition speaks of: QPV, recomposed sets, a producer's own set, comparison
-- territories, and the perimeters that an EPCI adds.
with types as (
    select * from {{ ref('stg_edition__types_territoire') }}
),

premier_epci as (
    select
        code_qpv,
        perimetre,
        arg_min(code_epci, rang) as code_epci
    from {{ ref('int_qpv_epci') }}
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
        p.code_epci,
        c.codes_communes,
        q.est_metropole,
        1::bigint as nb_qpv
    from {{ ref('int_qpv') }} as q
    left join premier_epci as p on q.code_qpv = p.code_qpv and q.perimetre = p.perimetre
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
        if(t.tout = 'departement', t.cle, null) as code_departement,
        if(t.tout = 'epci', t.cle, null) as code_epci,
        t.nb_qpv,
        p.prefixe || t.cle as code_lieu,
        p.type_territoire as type_lieu,
        coalesce(l.libelle, replace(p.nom, '{cle}', t.cle)) as libelle_lieu
    from tailles as t
    inner join types as p on t.tout = p.type_territoire
    left join {{ ref('int_lieux') }} as l on t.tout = l.type_territoire and t.cle = l.cle
),

comparaisons as (
    select
        code_lieu as code_territoire,
        type_lieu as type_territoire,
        libelle_lieu as libelle,
        code_departement,
        code_epci
    from ensembles
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
    * exclude (code_lieu, type_lieu, libelle_lieu),
    libelle as libelle_long,
    null as codes_communes,
    null as est_metropole
from ensembles
union all by name
select
    *,
    libelle as libelle_long,
    '' as perimetre,
    null as codes_communes,
    null as est_metropole,
    null as nb_qpv
from comparaisons
