-- One row per territory × indicator × period × term of its formula, where a file has at least one of
-- these terms for it.
with territoires as (
    select
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        k.est_entier
    from {{ ref('int_territoires') }} as t
    inner join {{ ref('stg_edition__types_territoire') }} as k on t.type_territoire = k.type_territoire
    where t.perimetre = '' or t.perimetre = (select perimetre from {{ ref('stg_edition__parametres') }})
),

termes as (
    select * from {{ ref('stg_edition__termes_par_periode') }}
),

-- Where a file has a term; at a period that the edition did not choose, one that is no denominator.
tenus as (
    select distinct
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        t.est_entier,
        te.code_indicateur,
        te.periode
    from termes as te
    inner join {{ ref('int_mesures') }} as m on te.terme = m.mesure and te.periode_terme = m.periode
    inner join territoires as t
        on
            m.code_territoire = t.code_territoire
            and m.perimetre = t.perimetre
            and te.est_entier = t.est_entier
    where te.choix is not null or te.cote <> 'den'
),

attendus as (
    select
        s.code_territoire,
        s.type_territoire,
        s.perimetre,
        te.* exclude (choix, est_entier)
    from tenus as s
    inner join termes as te
        on
            s.code_indicateur = te.code_indicateur
            and s.periode = te.periode
            and s.est_entier = te.est_entier
)

select
    a.* exclude (reserve),
    m.valeur,
    case
        when m.statut is not null then m.statut
        when l.motif is not null then 'non_disponible'
        else coalesce(d.statut, 'non_disponible')
    end as statut,
    case
        when m.statut is not null then nullif(concat_ws(' ; ', m.motif, a.reserve), '')
        when l.motif is not null then l.motif
        when d.motif is not null then d.motif
        else 'aucune source de cette édition ne donne ce chiffre pour ce territoire'
    end as motif,
    m.champ,
    m.statut is not null as est_lu,
    m.source_id,
    m.millesime
from attendus as a
left join {{ ref('int_mesures') }} as m
    on
        a.code_territoire = m.code_territoire
        and a.perimetre = m.perimetre
        and a.terme = m.mesure
        and a.periode_terme = m.periode
left join {{ ref('int_disponibilites') }} as d
    on
        a.terme = d.mesure
        and a.periode_terme = d.periode
        and a.type_territoire = d.type_territoire
left join {{ ref('int_autres_listes') }} as l
    on
        a.code_territoire = l.code_qpv
        and a.perimetre = l.perimetre
        and a.terme = l.mesure
        and a.periode_terme = l.periode
