-- One row per mesure × role × type of territory: what a cell that no file has means.
with couvertures (couvre, type_territoire, complete) as (
    values
    ('qpv', 'qpv', true),
    ('epci', 'epci', true),
    ('mixte', 'epci', true),
    ('departement', 'departement', true),
    ('mixte', 'departement', true),
    ('metropole', 'france', true),
    ('qpv', 'qpv_producteur', false),
    ('ligne_nationale', 'qpv_producteur', false),
    ('territoire', 'qpv', false),
    ('territoire', 'qpv_epci', false),
    ('territoire', 'qpv_departement', false),
    ('territoire', 'qpv_france', false),
    ('territoire', 'epci', false),
    ('territoire', 'departement', false),
    ('territoire', 'france', false),
    ('perimetre_local', 'perimetre_local', false)
),

-- Units are counted in QPV, and by their points in local perimeters.
plan as (
    select * from {{ ref('stg_edition__plan') }}
    union all
    select * replace ('perimetre_local' as couvre)
    from {{ ref('stg_edition__plan') }}
    where source_id in ('insee_sirene_etablissements', 'sdes_rpls_logements')
)

select
    p.mesure,
    p.role,
    c.type_territoire,
    case
        when bool_or(c.complete and p.etat = 'lue') then 'hors_champ'
        else 'non_disponible'
    end as statut,
    case
        when bool_or(c.complete and p.etat = 'lue') then 'la source ne couvre pas ce territoire'
        else coalesce(
            arg_min(p.motif, p.rang) filter (p.etat in ('fichier_absent', 'fichier_ecarte')),
            arg_min(p.motif, p.rang) filter (p.etat = 'colonne_absente'),
            'la source lue ne donne pas ce chiffre pour ce territoire'
        )
    end as motif
from plan as p
inner join couvertures as c on p.couvre = c.couvre
group by p.mesure, p.role, c.type_territoire
