-- One row per territory × mesure × period: the first source of the edition that has a published cell,
-- else the first that has a cell. `choix`: what the edition chose that period for.
with cellules as (
    select * from {{ ref('stg_registre__mesures') }}
    where not starts_with(code_territoire, 'IRIS:')
    union all by name
    select * from {{ ref('int_communes_par_iris') }}
    union all by name
    select * from {{ ref('int_sirene__qpv') }}
    union all by name
    select * from {{ ref('int_rpls__qpv') }}
    union all by name
    select * from {{ ref('int_superficies') }}
    union all by name
    select * from {{ ref('int_sommes_communes') }}
),

-- In an edition on the perimeter in force, an unchanged quarter takes the earlier figures of the
-- one that it continues.
continuites as (
    select
        c.code_qpv,
        c.code_qpv_origine,
        p.perimetre,
        p.precedent
    from {{ ref('int_passages') }} as c
    cross join {{ ref('stg_edition__parametres') }} as e
    inner join {{ ref('stg_edition__perimetres') }} as p on e.perimetre = p.perimetre
    where c.est_continu
),

situees as (
    select
        c.* replace (
            coalesce(k.code_qpv, c.code_territoire) as code_territoire,
            coalesce(k.perimetre, c.perimetre) as perimetre,
            coalesce(
                c.motif, 'chiffre du quartier ' || k.code_qpv_origine || ', de même périmètre'
            ) as motif
        )
    from cellules as c
    left join continuites as k on c.code_territoire = k.code_qpv_origine and c.perimetre = k.precedent
),

plan as (
    select distinct
        mesure,
        choix,
        periode,
        source_id,
        millesime,
        bloc,
        rang
    from {{ ref('stg_edition__plan') }}
)

select
    c.code_territoire,
    c.perimetre,
    c.mesure,
    p.choix,
    c.periode,
    c.periode_debut,
    c.periode_fin,
    c.valeur,
    c.statut,
    c.motif,
    c.champ,
    c.source_id,
    c.millesime,
    c.bloc
from situees as c
inner join plan as p
    on
        c.mesure = p.mesure
        and c.periode = p.periode
        and c.source_id = p.source_id
        and c.millesime = p.millesime
        and c.bloc = p.bloc
qualify
    row_number() over (
        partition by c.code_territoire, c.perimetre, c.mesure, c.periode
        order by (c.statut = 'diffuse') desc, p.rang
    ) = 1
