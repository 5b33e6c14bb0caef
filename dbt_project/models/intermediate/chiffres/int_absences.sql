-- One row per territory × indicator × period that the edition chose, of which no file has a term: why.
-- The reason is that of its type, or its own where a source follows another list of quarters.
with territoires as (
    select
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        y.epars,
        y.ensemble is not null as est_ensemble
    from {{ ref('int_territoires') }} as t
    inner join {{ ref('stg_edition__types_territoire') }} as y on t.type_territoire = y.type_territoire
    where t.perimetre = '' or t.perimetre = (select perimetre from {{ ref('stg_edition__parametres') }})
),

-- A type that is `epars` has no row for what no file about it gives, nor its quarters make.
couverts as (
    select distinct
        te.code_indicateur,
        d.type_territoire
    from {{ ref('int_disponibilites') }} as d
    inner join {{ ref('stg_edition__termes') }} as te on d.mesure = te.terme
    union
    select distinct
        code_indicateur,
        type_territoire
    from {{ ref('int_termes') }}
),

attendus as (
    select
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        p.code_indicateur,
        p.periode
    from territoires as t
    cross join {{ ref('stg_edition__periodes_indicateurs') }} as p
    inner join {{ ref('stg_edition__indicateurs') }} as i on p.code_indicateur = i.code_indicateur
    left join couverts as c
        on p.code_indicateur = c.code_indicateur and t.type_territoire = c.type_territoire
    where
        p.choix is not null
        and p.code_indicateur not in (
            select r.code_indicateur from {{ ref('stg_edition__rapprochements') }} as r
        )
        and (
            not t.epars
            or (t.est_ensemble and i.agregation <> 'aucune')
            or c.code_indicateur is not null
        )
),

absents as (
    select a.*
    from attendus as a
    anti join {{ ref('int_termes') }} as te
        on
            a.code_territoire = te.code_territoire
            and a.perimetre = te.perimetre
            and a.code_indicateur = te.code_indicateur
            and a.periode = te.periode
),

-- What each type is told of the published form: of a term that no source gives, it says as much.
publiees as (
    select
        te.code_indicateur,
        te.periode,
        te.est_entier,
        d.type_territoire,
        d.statut,
        d.motif
    from {{ ref('stg_edition__termes_par_periode') }} as te
    inner join {{ ref('int_disponibilites') }} as d
        on te.terme = d.mesure and te.periode_terme = d.periode
    where te.choix is not null and te.cote = 'publiee'
),

-- What each type of territory is told of each term, the published form left aside.
termes as (
    select
        te.code_indicateur,
        te.periode,
        te.terme,
        te.periode_terme,
        te.ordre,
        t.type_territoire,
        coalesce(d.statut, p.statut, 'non_disponible') as statut,
        coalesce(
            d.motif, p.motif, 'aucune source de cette édition ne donne ce chiffre pour ce territoire'
        ) as motif
    from {{ ref('stg_edition__termes_par_periode') }} as te
    inner join {{ ref('stg_edition__types_territoire') }} as t on te.est_entier = t.est_entier
    left join {{ ref('int_disponibilites') }} as d
        on
            te.terme = d.mesure
            and te.periode_terme = d.periode
            and t.type_territoire = d.type_territoire
    left join publiees as p
        on
            te.code_indicateur = p.code_indicateur
            and te.periode = p.periode
            and te.est_entier = p.est_entier
            and t.type_territoire = p.type_territoire
    where te.choix is not null and te.cote <> 'publiee'
),

raisons as (
    select
        code_indicateur,
        periode,
        type_territoire,
        arg_min(statut, {{ rang_de_motif('statut', ordre='ordre') }}) as statut,
        arg_min(motif, {{ rang_de_motif('statut', ordre='ordre') }}) as motif
    from termes
    group by code_indicateur, periode, type_territoire
),

propres as (
    select
        a.code_territoire,
        a.perimetre,
        a.code_indicateur,
        a.periode,
        arg_min(
            if(l.motif is null, te.statut, 'non_disponible'),
            {{ rang_de_motif("if(l.motif is null, te.statut, 'non_disponible')", ordre='te.ordre') }}
        ) as statut,
        arg_min(
            coalesce(l.motif, te.motif),
            {{ rang_de_motif("if(l.motif is null, te.statut, 'non_disponible')", ordre='te.ordre') }}
        ) as motif
    from absents as a
    inner join termes as te
        on
            a.code_indicateur = te.code_indicateur
            and a.periode = te.periode
            and a.type_territoire = te.type_territoire
    left join {{ ref('int_autres_listes') }} as l
        on
            a.code_territoire = l.code_qpv
            and a.perimetre = l.perimetre
            and te.terme = l.mesure
            and te.periode_terme = l.periode
    where
        (a.code_territoire, a.perimetre) in (
            select (o.code_qpv, o.perimetre) from {{ ref('int_autres_listes') }} as o
        )
    group by all
)

select
    a.*,
    coalesce(p.statut, r.statut) as statut,
    coalesce(p.motif, r.motif) as motif
from absents as a
inner join raisons as r
    on
        a.code_indicateur = r.code_indicateur
        and a.periode = r.periode
        and a.type_territoire = r.type_territoire
left join propres as p
    on
        a.code_territoire = p.code_territoire
        and a.perimetre = p.perimetre
        and a.code_indicateur = p.code_indicateur
        and a.periode = p.periode
