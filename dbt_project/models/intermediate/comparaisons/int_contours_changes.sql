-- One row per EPCI, what is left of it, commune, or EPCI put together × indicator × two of its periods
-- whose figures are not about the same communes: what changed. The outline is that of the year that the
-- file says (`geographie`), else of the period's; a year that a file says and of which no composition was
-- read is told too. Of places put together: how many changed, by name up to three; of a producer's own
-- line, that it does not say which they are.
with annees_dites as (
    select
        source_id,
        millesime,
        periode,
        max(geographie) as geographie
    from {{ ref('stg_edition__plan') }}
    group by all
),

compositions as (
    select distinct millesime as annee from {{ ref('stg_insee__compositions') }}
),

chiffres as (
    select
        i.code_territoire,
        i.type_territoire,
        i.code_indicateur,
        i.periode,
        d.geographie,
        -- A rest's outline is its place's; its source is its quarters'.
        replace(i.code_territoire, 'HORSQPV@', '') as code_lieu,
        coalesce(d.geographie, left(i.periode, 4)) as annee,
        c.annee is not null as est_lue,
        y.reunit is not null as est_reunion,
        y.reunit is not null and i.exclus = '' as est_ligne
    from {{ ref('int_indicateurs') }} as i
    inner join {{ ref('stg_edition__types_territoire') }} as y on i.type_territoire = y.type_territoire
    left join annees_dites as d
        on
            i.source_id = d.source_id
            and i.millesime = d.millesime
            and i.periode = d.periode
            and i.type_territoire <> 'epci_hors_qpv'
    left join compositions as c on coalesce(d.geographie, left(i.periode, 4)) = c.annee
    where
        (i.type_territoire in ('epci', 'epci_hors_qpv', 'commune') or y.reunit is not null)
        and i.statut = 'diffuse'
),

-- Of places put together: how many changed between two years.
reunis as (
    select
        r.code_territoire,
        c.avant,
        c.apres,
        'contours changés entre ' || c.avant || ' et ' || c.apres || ' pour '
        || count(distinct r.code_lieu) || ' de ses EPCI'
        || if(
            count(distinct r.code_lieu) <= 3,
            ' (' || string_agg(distinct r.libelle, ', ' order by r.libelle) || ')',
            ''
        ) as motif
    from {{ ref('int_lieux_reunis') }} as r
    inner join {{ ref('int_changements_de_contour') }} as c on r.code_lu = c.code_territoire
    group by r.code_territoire, c.avant, c.apres
),

changements as (
    select
        code_territoire,
        avant,
        apres,
        motif
    from {{ ref('int_changements_de_contour') }}
    union all
    select * from reunis
)

select
    n.code_territoire,
    n.code_indicateur,
    n.periode,
    b.periode as periode_comparaison,
    case
        when n.est_ligne then 'la ligne du producteur ne dit pas quels EPCI elle couvre à chaque date'
        when c.motif is not null then c.motif
        else
            'contours de ' || b.annee || ' et de ' || n.annee
            || ' : les deux compositions n''ont pas été lues'
    end as motif
from chiffres as n
inner join chiffres as b
    on
        n.code_territoire = b.code_territoire
        and n.code_indicateur = b.code_indicateur
        and n.periode > b.periode
left join changements as c
    on n.code_lieu = c.code_territoire and b.annee = c.avant and n.annee = c.apres
where
    c.motif is not null
    or n.est_ligne
    or (
        (n.type_territoire = 'epci' or n.est_reunion)
        and n.geographie <> b.geographie
        and not (n.est_lue and b.est_lue)
    )
