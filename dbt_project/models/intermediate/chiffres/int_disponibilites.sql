-- One row per mesure × period × type of territory: what a cell that no file has means.
-- Units are counted in QPV, and by their points in local perimeters.
with plan as (
    select * from {{ ref('stg_edition__plan') }}
    union all
    select * replace ('perimetre_local' as couvre)
    from {{ ref('stg_edition__plan') }}
    where source_id in ('insee_sirene_etablissements', 'sdes_rpls_logements')
),

-- A level that a third party's figures do not enter: `couvre` is then the type of territory.
refus as (
    select
        mesure,
        periode,
        source_id,
        bloc,
        couvre
    from plan
    where etat = 'niveau_refuse'
    group by all
),

dites as (
    select
        p.*,
        c.type_territoire,
        c.complete and p.etat = 'lue' and r.mesure is null as est_lue
    from plan as p
    inner join {{ ref('stg_edition__couvertures') }} as c on p.couvre = c.couvre
    left join refus as r
        on
            p.mesure = r.mesure
            and p.periode = r.periode
            and p.source_id = r.source_id
            and p.bloc = r.bloc
            and c.type_territoire = r.couvre
    where p.etat <> 'niveau_refuse'
    union all by name
    select
        *,
        couvre as type_territoire,
        false as est_lue
    from plan
    where etat = 'niveau_refuse'
)

select
    mesure,
    periode,
    type_territoire,
    if(bool_or(est_lue), 'hors_champ', 'non_disponible') as statut,
    case
        when bool_or(est_lue) then 'la source ne couvre pas ce territoire'
        else coalesce(
            arg_min(motif, rang) filter (etat = 'niveau_refuse'),
            arg_min(motif, rang) filter (etat in ('fichier_absent', 'fichier_ecarte')),
            arg_min(motif, rang) filter (etat = 'colonne_absente'),
            'la source lue ne donne pas ce chiffre pour ce territoire'
        )
    end as motif
from dites
group by mesure, periode, type_territoire
