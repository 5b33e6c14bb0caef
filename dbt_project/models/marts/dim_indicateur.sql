with niveaux as (
    select * from {{ ref('stg_edition__periodes_indicateurs') }}
    where choix = 'niveau'
),

comparaisons as (
    select
        code_indicateur,
        periode
    from {{ ref('stg_edition__periodes_indicateurs') }}
    where choix = 'comparaison'
)

select
    i.code_indicateur::varchar as code_indicateur,
    i.libelle::varchar as libelle,
    i.unite::varchar as unite,
    i.type::varchar as type,
    i.arrondi::integer as arrondi,
    i.definition::varchar as definition,
    i.lecture::varchar as lecture,
    i.theme::varchar as theme,
    i.rubrique::varchar as rubrique,
    i.agregation::varchar as agregation,
    i.sens::varchar as sens,
    i.structure::boolean as structure,
    i.formule::varchar as formule,
    n.citation::varchar as citation,
    n.producteur::varchar as producteur,
    nullif(n.periode, '')::varchar as periode,
    c.periode::varchar as periode_comparaison
from {{ ref('stg_edition__indicateurs') }} as i
left join niveaux as n on i.code_indicateur = n.code_indicateur
left join comparaisons as c on i.code_indicateur = c.code_indicateur
where i.publier
order by i.ordre
