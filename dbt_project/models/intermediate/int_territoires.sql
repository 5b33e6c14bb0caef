-- Every territory that the edition speaks of: QPV, recomposed sets, a producer's own set, comparison
-- territories, and the perimeters that an EPCI adds.
with epci_libelles as (
    select * from {{ ref('int_epci') }}
),

departements as (
    select
        code_departement,
        libelle,
        libelle_avec_article
    from {{ ref('stg_insee__cog_departements') }}
    union all
    select
        substr(code_territoire, 5) as code_departement,
        libelle,
        libelle_de as libelle_avec_article
    from {{ ref('stg_edition__noms') }}
    where
        starts_with(code_territoire, 'DEP:')
        and substr(code_territoire, 5) not in (
            select d.code_departement from {{ ref('stg_insee__cog_departements') }} as d
        )
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
        code_ensemble,
        type_territoire,
        perimetre,
        count(*) as nb_qpv
    from {{ ref('int_ensembles') }}
    group by code_ensemble, type_territoire, perimetre
),

ensembles as (
    select
        t.code_ensemble as code_territoire,
        t.type_territoire,
        case t.type_territoire
            when 'qpv_epci'
                then 'QP ' || coalesce(l.libelle_de, 'de l''EPCI ' || substr(t.code_ensemble, 10))
            when 'qpv_departement'
                then
                    'QP ' || coalesce(d.libelle_avec_article, 'du département ' || substr(t.code_ensemble, 9))
            else 'QP de France métropolitaine'
        end as libelle,
        t.perimetre,
        if(t.type_territoire = 'qpv_departement', substr(t.code_ensemble, 9), null) as code_departement,
        if(t.type_territoire = 'qpv_epci', substr(t.code_ensemble, 10), null) as code_epci,
        t.nb_qpv
    from tailles as t
    left join epci_libelles as l
        on t.type_territoire = 'qpv_epci' and substr(t.code_ensemble, 10) = l.code_epci
    left join departements as d
        on t.type_territoire = 'qpv_departement' and substr(t.code_ensemble, 9) = d.code_departement
),

comparaisons as (
    select
        replace(e.code_territoire, 'QPV@', '') as code_territoire,
        case e.type_territoire
            when 'qpv_epci' then 'epci'
            when 'qpv_departement' then 'departement'
            else 'france'
        end as type_territoire,
        case e.type_territoire
            when 'qpv_epci' then coalesce(l.libelle, 'EPCI ' || e.code_epci)
            when 'qpv_departement' then coalesce(d.libelle, 'Département ' || e.code_departement)
            else 'France métropolitaine'
        end as libelle,
        e.code_departement,
        e.code_epci
    from ensembles as e
    left join epci_libelles as l on e.code_epci = l.code_epci
    left join departements as d on e.code_departement = d.code_departement
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
    '' as perimetre,
    null as codes_communes,
    null as est_metropole,
    null as nb_qpv
from comparaisons
