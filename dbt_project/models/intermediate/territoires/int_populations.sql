-- Population of each place that communes compose: the sum of those of the file's year, and of none that
-- the composition of that year has and the file lacks.
with communes as (
    select
        *,
        replace(code_territoire, 'COM:', '') as code_commune
    from {{ ref('stg_registre__mesures') }}
    where source_id = 'insee_populations_legales' and mesure = 'pop_municipale'
),

compositions as (
    select * from {{ ref('stg_insee__epci') }}
    where millesime in (select c.millesime from communes as c)
),

places as (
    select
        code_commune,
        millesime,
        'epci' as type_lieu,
        code_epci as cle
    from compositions
    where code_epci is not null
    union all
    select
        e.code_commune,
        c.millesime,
        'epci' as type_lieu,
        e.code_ept as cle
    from {{ ref('stg_insee__ept') }} as e
    inner join compositions as c on e.code_commune = c.code_commune
    union all
    select
        code_commune,
        millesime,
        'departement' as type_lieu,
        code_departement as cle
    from compositions
    where code_departement is not null
    union all
    select
        c.code_commune,
        c.millesime,
        d.type_lieu,
        d.cle
    from compositions as c
    inner join {{ ref('int_departements_lieux') }} as d on c.code_departement = d.code_departement
),

-- A place composed otherwise, by today's communes: its sum is missing where one was not there.
attendues as (
    select
        *,
        'composition du 1er janvier ' || millesime as composition
    from places
    union all
    select
        l.code_commune,
        m.millesime,
        l.type_lieu,
        l.cle,
        'composition d''aujourd''hui' as composition
    from {{ ref('int_communes_lieux') }} as l
    cross join (select distinct c.millesime from communes as c) as m
    where l.type_lieu not in (select p.type_lieu from places as p) and l.type_lieu <> 'commune'
),

fichiers as (
    select
        mesure,
        type_mesure,
        periode,
        periode_debut,
        periode_fin,
        bloc,
        source_id,
        millesime,
        fichier,
        sha256,
        entete
    from communes
    group by all
),

sommes as (
    select
        p.type_lieu,
        p.cle,
        p.composition,
        f.*,
        count(*) as nb_communes,
        count(*) - count(c.valeur) as nb_absentes,
        count(*) = count(c.valeur) as est_entiere,
        sum(c.valeur) as valeur
    from attendues as p
    inner join fichiers as f on p.millesime = f.millesime
    left join communes as c
        on p.code_commune = c.code_commune and f.millesime = c.millesime and f.periode = c.periode
    group by all
)

select
    t.prefixe || s.cle as code_territoire,
    '' as perimetre,
    s.mesure,
    s.type_mesure,
    s.periode,
    s.periode_debut,
    s.periode_fin,
    if(s.est_entiere, s.valeur, null) as valeur,
    if(s.est_entiere, 'diffuse', 'non_disponible') as statut,
    if(s.est_entiere, 'somme de ', 'il manque ' || {{ milliers('s.nb_absentes') }} || ' de ses ')
    || {{ milliers('s.nb_communes') }} || ' communes, ' || s.composition as motif,
    s.bloc,
    s.source_id,
    s.millesime,
    s.fichier,
    s.sha256,
    null::integer as ligne,
    s.entete
from sommes as s
inner join {{ ref('stg_edition__types_territoire') }} as t on s.type_lieu = t.type_territoire
