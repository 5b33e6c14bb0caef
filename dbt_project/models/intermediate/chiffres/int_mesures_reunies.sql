-- Counts of the people of the places that a type puts together (`reunit`): one row per territory × mesure ×
-- period of which one block of one public source gives some of these places. All of them, or no sum. What
-- is under an agreement is never added: no cell that a mask may hide is in such a total. The producer's own
-- line comes first, even masked: a sum would give it back.
with effectifs as (
    select m.*
    from {{ ref('int_mesures_lues') }} as m
    inner join {{ ref('stg_edition__secrets') }} as s
        on m.source_id = s.source_id and m.bloc = s.bloc and m.mesure = s.mesure
    where s.acces = 'publique' and s.type in ('effectif', 'effectif_estime')
),

parts as (
    select
        r.code_territoire,
        r.perimetre,
        r.code_lieu,
        r.code_lu,
        r.rang,
        m.* exclude (code_territoire, perimetre)
    from {{ ref('int_lieux_reunis') }} as r
    inner join effectifs as m on r.code_lu = m.code_territoire
    qualify
        row_number() over (
            partition by
                r.code_territoire, r.code_lieu, m.mesure, m.periode, m.source_id, m.millesime, m.bloc
            order by (m.statut = 'diffuse') desc, r.rang
        ) = 1
),

-- A file that gives none of them under its own name is about other places.
fichiers as (
    select
        code_territoire,
        perimetre,
        mesure,
        periode,
        source_id,
        millesime,
        bloc,
        any_value(choix) as choix,
        any_value(periode_debut) as periode_debut,
        any_value(periode_fin) as periode_fin
    from parts
    group by all
    having bool_or(rang = 1)
),

lieux as (
    select * from {{ ref('int_lieux_reunis') }}
    where rang = 1
),

sommes as (
    select
        f.*,
        l.est_complet,
        count(*) as nb_lieux,
        count(p.valeur) as nb_connus,
        sum(p.valeur) as somme,
        string_agg(l.libelle, ', ' order by l.libelle) filter (p.valeur is null) as manquants,
        string_agg(l.libelle || ' : ' || p.code_lu, ', ' order by l.libelle) filter (p.rang > 1) as ailleurs
    from fichiers as f
    inner join lieux as l on f.code_territoire = l.code_territoire
    left join parts as p
        on
            f.code_territoire = p.code_territoire
            and l.code_lieu = p.code_lieu
            and f.mesure = p.mesure
            and f.periode = p.periode
            and f.source_id = p.source_id
            and f.millesime = p.millesime
            and f.bloc = p.bloc
            and p.statut = 'diffuse'
    group by all
),

choisies as (
    select
        *,
        nb_lieux - nb_connus as nb_absents,
        est_complet and nb_connus = nb_lieux as est_somme
    from sommes
    qualify
        row_number() over (
            partition by code_territoire, perimetre, mesure, periode
            order by nb_connus desc, source_id asc, millesime desc, bloc asc
        ) = 1
)

select
    c.code_territoire,
    c.perimetre,
    c.mesure,
    c.choix,
    c.periode,
    c.periode_debut,
    c.periode_fin,
    if(c.est_somme, c.somme, null) as valeur,
    if(c.est_somme, 'diffuse', 'non_disponible') as statut,
    case
        when not c.est_complet
            then 'sans somme : les fichiers lus ne disent pas tous les EPCI qui ont un QPV'
        when c.nb_absents > 0
            then
                'sans somme : il manque ' || c.nb_absents || ' de ses ' || c.nb_lieux || ' EPCI'
                || if(c.nb_absents <= 3, ' (' || c.manquants || ')', '')
        else 'somme de ses ' || c.nb_lieux || ' EPCI' || coalesce(' (' || c.ailleurs || ')', '')
    end as motif,
    -- Not beside a producer's own line at another date: nobody says that it covers the same places.
    'somme de ses EPCI' as champ,
    c.source_id,
    c.millesime,
    c.bloc
from choisies as c
anti join {{ ref('int_mesures_lues') }} as m
    on
        c.code_territoire = m.code_territoire
        and c.perimetre = m.perimetre
        and c.mesure = m.mesure
        and c.periode = m.periode
