-- One row per indicator × role that the edition has a source for, with the period it describes:
-- that of its published value or of its first term.
with places as (
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
    from {{ ref('stg_edition__termes') }} as t
    inner join {{ ref('stg_edition__plan') }} as p on t.terme = p.mesure
    where t.cote <> 'den'
)

select *
from places
qualify
    row_number() over (
        partition by code_indicateur, role
        order by (etat = 'lue') desc, ordre, rang asc
    ) = 1
