-- Figures of communes that files by IRIS make: the sum, where every IRIS of the file has its figure.
-- Of a commune that has taken in others, files may lack those that had no IRIS: it has no sum.
with iris as (
    select
        *,
        substr(code_territoire, 6, 5) as code_commune
    from {{ ref('stg_registre__mesures') }}
    where starts_with(code_territoire, 'IRIS:')
),

seules as (
    select code_rattachement as code_commune
    from {{ ref('int_communes') }}
    group by code_rattachement
    having count(*) = 1
),

sommes as (
    select
        code_commune,
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
        count(*) as nb_iris,
        count(*) filter (statut <> 'diffuse') as nb_absents,
        sum(valeur) as valeur
    from iris
    where code_commune in (select s.code_commune from seules as s)
    group by all
)

select
    'COM:' || code_commune as code_territoire,
    '' as perimetre,
    mesure,
    type_mesure,
    periode,
    periode_debut,
    periode_fin,
    if(nb_absents = 0, valeur, null) as valeur,
    if(nb_absents = 0, 'diffuse', 'non_diffuse') as statut,
    if(
        nb_absents = 0,
        'somme de ' || nb_iris || ' IRIS',
        'sur ses ' || nb_iris || ' IRIS, sans chiffre diffusé : ' || nb_absents
    ) as motif,
    bloc,
    source_id,
    millesime,
    fichier,
    sha256,
    null::integer as ligne,
    entete
from sommes
