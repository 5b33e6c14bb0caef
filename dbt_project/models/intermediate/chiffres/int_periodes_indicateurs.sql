-- One row per indicator × role that the edition has a source for, with the period it describes:
-- that of its published value, of its first term, or of the first indicator that it starts from.
with termes as (
    select
        code_indicateur,
        terme,
        ordre
    from {{ ref('stg_edition__termes') }}
    where cote <> 'den'
    union all
    select
        r.code_indicateur,
        t.terme,
        1000 * r.ordre + t.ordre as ordre
    from {{ ref('stg_edition__rapprochements') }} as r
    inner join {{ ref('stg_edition__termes') }} as t on r.code_base = t.code_indicateur
    where t.cote <> 'den'
),

places as (
    select
        t.code_indicateur,
        p.role,
        p.periode,
        p.periode_debut,
        p.periode_fin,
        p.citation,
        p.producteur,
        p.source_id,
        p.millesime,
        t.ordre,
        p.rang,
        p.etat
    from termes as t
    inner join {{ ref('stg_edition__plan') }} as p on t.terme = p.mesure
)

select *
from places
qualify
    row_number() over (
        partition by code_indicateur, role
        order by (etat = 'lue') desc, ordre, rang asc
    ) = 1
