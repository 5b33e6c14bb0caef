-- One row per quarter × indicator put forward that its producer gives and diffuses: what ranks and
-- likenesses are made of, and nothing else. A figure that a third party typed enters none.
with tierces as (
    select distinct
        source_id,
        millesime
    from {{ ref('stg_edition__fichiers') }}
    where confiance = 'tierce'
)

select
    c.code_territoire as code_qpv,
    c.perimetre,
    c.code_indicateur,
    c.periode,
    c.valeur,
    i.sens,
    i.structure,
    i.type
from {{ ref('int_indicateurs') }} as c
inner join {{ ref('stg_edition__periodes_indicateurs') }} as p
    on c.code_indicateur = p.code_indicateur and c.periode = p.periode and p.choix = 'niveau'
inner join {{ ref('stg_edition__indicateurs') }} as i on c.code_indicateur = i.code_indicateur
anti join tierces as t on c.source_id = t.source_id and c.millesime = t.millesime
where c.type_territoire = 'qpv' and c.statut = 'diffuse' and i.publier
