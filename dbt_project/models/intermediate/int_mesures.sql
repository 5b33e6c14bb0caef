-- One row per territory × mesure × role of the edition: the first source of the edition that has
-- a published cell, else the first that has a cell.
{% set sources = [
    'stg_insee__demo', 'stg_insee__ipro', 'stg_insee__revn', 'stg_insee__filosofi',
    'stg_insee__filosofi_territoires', 'stg_insee__population', 'stg_sdes__rpls',
    'stg_cnaf__minima_territoires', 'stg_observatoire__fiche_publiee'
] %}
with cellules as (
    {% for source in sources %}
        select * from {{ ref(source) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
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
