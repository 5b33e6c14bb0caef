-- Counts of each place that communes compose: the sum of theirs in a file by commune, by the composition
-- of the year whose communes the file has, and of none that this composition has and the file lacks.
-- A place of which the file has its own row keeps it. A commune given by arrondissements is their sum.
with fichiers_de_communes as (
    select distinct
        source_id,
        millesime,
        bloc,
        geographie
    from {{ ref('stg_edition__plan') }}
    where se_somme
),

lues as (
    select
        m.*,
        f.geographie,
        replace(m.code_territoire, 'COM:', '') as code_commune
    from {{ ref('stg_registre__mesures') }} as m
    inner join fichiers_de_communes as f
        on m.source_id = f.source_id and m.millesime = f.millesime and m.bloc = f.bloc
    where
        starts_with(m.code_territoire, 'COM:')
        and m.type_mesure in ('effectif', 'effectif_estime')
),

arrondissements as (
    select
        code_commune,
        code_parente,
        count(*) over (partition by code_parente) as nb_arrondissements
    from {{ ref('stg_insee__cog_communes') }}
    where type_commune = 'ARM'
),

par_arrondissement as (
    select
        a.code_parente as code_commune,
        l.* exclude (code_commune, code_territoire, perimetre, valeur, statut, motif, champ, ligne),
        sum(l.valeur) as valeur,
        'somme de ' || count(*) || ' arrondissements' as motif
    from lues as l
    inner join arrondissements as a on l.code_commune = a.code_commune
    group by all
    having count(l.valeur) = any_value(a.nb_arrondissements)
),

communes as (
    select * from lues
    union all by name
    select * from par_arrondissement
),

compositions as (
    select * from {{ ref('stg_insee__compositions') }}
    where millesime in (select f.geographie from fichiers_de_communes as f)
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
    cross join (select distinct c.millesime from compositions as c) as m
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
        entete,
        geographie
    from lues
    group by all
),

sommes as (
    select
        p.type_lieu,
        p.cle,
        p.composition,
        f.*,
        count(*) as nb_communes,
        count(*) - count(c.code_commune) as nb_absentes,
        count(*) - count(c.valeur) as nb_sans_chiffre,
        sum(c.valeur) as valeur
    from attendues as p
    inner join fichiers as f on p.millesime = f.geographie
    left join communes as c
        on
            p.code_commune = c.code_commune
            and f.source_id = c.source_id
            and f.millesime = c.millesime
            and f.bloc = c.bloc
            and f.mesure = c.mesure
            and f.periode = c.periode
    group by all
),

dites as (
    select
        t.prefixe || s.cle as code_territoire,
        s.*,
        case
            when s.nb_sans_chiffre = 0 then 'somme de '
            when s.nb_absentes > 0 then 'il manque ' || {{ milliers('s.nb_absentes') }} || ' de ses '
            else 'sans chiffre diffusé pour ' || {{ milliers('s.nb_sans_chiffre') }} || ' de ses '
        end
        || {{ milliers('s.nb_communes') }} || ' communes, ' || s.composition as motif
    from sommes as s
    inner join {{ ref('stg_edition__types_territoire') }} as t on s.type_lieu = t.type_territoire
    union all by name
    select
        'COM:' || code_commune as code_territoire,
        *,
        0 as nb_sans_chiffre,
        0 as nb_absentes
    from par_arrondissement
)

select
    d.code_territoire,
    '' as perimetre,
    d.mesure,
    d.type_mesure,
    d.periode,
    d.periode_debut,
    d.periode_fin,
    if(d.nb_sans_chiffre = 0, d.valeur, null) as valeur,
    case
        when d.nb_sans_chiffre = 0 then 'diffuse'
        when d.nb_absentes > 0 then 'non_disponible'
        else 'non_diffuse'
    end as statut,
    d.motif,
    d.bloc,
    d.source_id,
    d.millesime,
    d.fichier,
    d.sha256,
    null::integer as ligne,
    d.entete
from dites as d
anti join {{ ref('stg_registre__mesures') }} as m
    on
        d.code_territoire = m.code_territoire
        and d.mesure = m.mesure
        and d.periode = m.periode
        and d.source_id = m.source_id
        and d.millesime = m.millesime
        and d.bloc = m.bloc
