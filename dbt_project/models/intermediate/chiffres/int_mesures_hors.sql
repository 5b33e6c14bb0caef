-- Counts of the people of a place who are in none of its quarters: one row per rest × mesure × period
-- of which one producer gives the place and a quarter. A quarter that is in two places, or that has
-- no figure, leaves no rest: the row says so. Its source is the most secret of those of its terms.
with types as (
    select * from {{ ref('stg_edition__types_territoire') }}
    where hors is not null
),

producteurs as (
    select distinct
        p.source_id,
        p.bloc,
        p.mesure,
        p.producteur,
        s.acces <> 'publique' as est_sous_secret
    from {{ ref('stg_edition__plan') }} as p
    inner join {{ ref('stg_edition__secrets') }} as s
        on p.source_id = s.source_id and p.bloc = s.bloc and p.mesure = s.mesure
    where s.type = 'effectif'
),

effectifs as (
    select
        m.*,
        p.producteur,
        p.est_sous_secret
    from {{ ref('int_mesures_lues') }} as m
    inner join producteurs as p
        on m.source_id = p.source_id and m.bloc = p.bloc and m.mesure = p.mesure
),

-- Every quarter of the place: those that spread over others too.
membres as (
    select
        y.type_territoire,
        y.prefixe || l.cle as code_territoire,
        z.prefixe || l.cle as code_lieu,
        e.code_qpv,
        e.perimetre,
        e.est_complet,
        l.est_entier
    from types as y
    inner join {{ ref('stg_edition__types_territoire') }} as z on y.tout = z.type_territoire
    inner join {{ ref('int_ensembles') }} as e on y.hors = e.type_territoire
    inner join {{ ref('int_qpv_lieux') }} as l
        on
            e.code_qpv = l.code_qpv
            and e.perimetre = l.perimetre
            and y.tout = l.type_lieu
    inner join {{ ref('stg_edition__types_territoire') }} as s on y.hors = s.type_territoire
    where e.code_ensemble = s.prefixe || l.cle
),

parts as (
    select
        m.code_territoire,
        m.perimetre,
        t.mesure,
        t.periode,
        any_value(t.valeur) as tout,
        any_value(t.source_id) as source_lieu,
        any_value(t.millesime) as millesime_lieu,
        any_value(t.bloc) as bloc_lieu,
        any_value(t.est_sous_secret) as est_lieu_secret,
        sum(q.valeur) as dedans,
        count(*) as nb_qpv,
        count(q.code_territoire) as nb_lus,
        count(*) filter (q.statut is distinct from 'diffuse') as nb_absents,
        bool_and(m.est_complet) as est_complet,
        count(*) filter (not m.est_entier) as nb_a_cheval,
        arg_min(q.statut, {{ rang_de_motif('q.statut', code='q.code_territoire') }}) filter (
            q.statut <> 'diffuse'
        ) as statut_absent,
        arg_min(q.choix, q.code_territoire) as choix,
        any_value(q.periode_debut) as periode_debut,
        any_value(q.periode_fin) as periode_fin,
        arg_max(q.source_id, (q.est_sous_secret, q.code_territoire)) as source_id,
        arg_max(q.millesime, (q.est_sous_secret, q.code_territoire)) as millesime,
        arg_max(q.bloc, (q.est_sous_secret, q.code_territoire)) as bloc
    from membres as m
    inner join effectifs as t on m.code_lieu = t.code_territoire and t.statut = 'diffuse'
    left join effectifs as q
        on
            m.code_qpv = q.code_territoire
            and m.perimetre = q.perimetre
            and t.mesure = q.mesure
            and t.periode = q.periode
            and t.producteur = q.producteur
    group by all
    having count(q.code_territoire) > 0
),

juges as (
    select
        *,
        case
            when not est_complet then 'les fichiers lus n''ont pas tous ses QPV'
            when nb_a_cheval = 1 then 'un de ses QPV en déborde'
            when nb_a_cheval > 1 then nb_a_cheval || ' de ses QPV en débordent'
            when nb_absents > 0 and nb_qpv = 1 then 'son QPV n''est pas diffusé'
            when nb_absents = 1 then 'un de ses ' || nb_qpv || ' QPV n''est pas diffusé'
            when nb_absents > 1 then nb_absents || ' de ses ' || nb_qpv || ' QPV ne sont pas diffusés'
            when dedans > tout then 'ses QPV dépassent son total'
        end as obstacle
    from parts
)

select
    code_territoire,
    perimetre,
    mesure,
    choix,
    periode,
    periode_debut,
    periode_fin,
    if(obstacle is null, tout - dedans, null) as valeur,
    case
        when obstacle is null then 'diffuse'
        when est_complet and nb_a_cheval = 0 and nb_absents > 0
            then coalesce(statut_absent, 'non_disponible')
        else 'non_disponible'
    end as statut,
    coalesce(
        'sans reste : ' || obstacle,
        'total (' || source_lieu || ') moins '
        || if(nb_qpv = 1, 'son seul QPV', 'ses ' || nb_qpv || ' QPV')
    ) as motif,
    null::varchar as champ,
    if(est_lieu_secret, source_lieu, source_id) as source_id,
    if(est_lieu_secret, millesime_lieu, millesime) as millesime,
    if(est_lieu_secret, bloc_lieu, bloc) as bloc
from juges
