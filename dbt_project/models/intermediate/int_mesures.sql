-- One row per territory × mesure × role of the edition: the first source of the edition that has
-- a published cell, else the first that has a cell.
with cellules as (
    select * from {{ ref('stg_registre__mesures') }}
    union all by name
    select * from {{ ref('int_sirene__qpv') }}
    union all by name
    select * from {{ ref('int_rpls__qpv') }}
    union all by name
    select * from {{ ref('int_superficies') }}
),

plan as (
    select distinct
        mesure,
        role,
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
    p.role,
    c.periode,
    c.periode_debut,
    c.periode_fin,
    c.valeur,
    c.statut,
    c.motif,
    c.source_id,
    c.millesime,
    c.bloc
from cellules as c
inner join plan as p
    on
        c.mesure = p.mesure
        and c.periode = p.periode
        and c.source_id = p.source_id
        and c.millesime = p.millesime
        and c.bloc = p.bloc
qualify
    row_number() over (
        partition by c.code_territoire, c.perimetre, c.mesure, p.role
        order by (c.statut = 'diffuse') desc, p.rang
    ) = 1
