-- One row per territory × rate or amount put forward × territory of comparison that has it too × earlier
-- period that both may be compared with: the gap, and whether it closes. Where there is none, one
-- row that says so. In points for a share, in % of the other figure else.
with chiffres as not materialized (
    select
        c.code_territoire,
        c.type_territoire,
        c.perimetre,
        c.code_indicateur,
        c.periode,
        c.valeur,
        c.motif,
        c.exclus,
        p.choix,
        i.type = 'part' as en_points,
        if(
            m.precedent is not null and c.type_territoire = 'qpv', right(c.code_territoire, 1), ''
        ) as relation
    from {{ ref('int_indicateurs_directs') }} as c
    inner join {{ ref('stg_edition__periodes_indicateurs') }} as p
        on c.code_indicateur = p.code_indicateur and c.periode = p.periode
    inner join {{ ref('stg_edition__indicateurs') }} as i on c.code_indicateur = i.code_indicateur
    left join {{ ref('stg_edition__perimetres') }} as m on c.perimetre = m.perimetre
    where c.statut = 'diffuse' and i.type in ('part', 'ratio', 'montant') and not i.den_ensemble
),

cotes as (
    select
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        t.code_indicateur,
        t.periode,
        t.choix,
        t.relation,
        t.exclus,
        r.reference,
        r.code_reference,
        t.valeur,
        f.valeur as valeur_reference,
        f.exclus as exclus_reference,
        if(t.en_points, 'points', '%') as unite,
        if(t.en_points, t.valeur - f.valeur, 100 * (t.valeur / f.valeur - 1)) as ecart,
        nullif(concat_ws(' ; ', t.motif, f.motif), '') as motif
    from chiffres as t
    inner join {{ ref('int_references') }} as r
        on t.code_territoire = r.code_territoire and t.perimetre = r.perimetre
    inner join chiffres as f
        on
            r.code_reference = f.code_territoire
            and t.code_indicateur = f.code_indicateur
            and t.periode = f.periode
    where t.en_points or f.valeur <> 0
),

-- Both sides are to be compared with themselves: the worse verdict holds for the gap.
couples as (
    select
        n.*,
        b.periode as periode_comparaison,
        b.ecart as ecart_comparaison,
        nullif(
            concat_ws(
                ' ; ',
                case
                    when v.motif is null or contains(w.motif, v.motif) then w.motif
                    when w.motif is null or contains(v.motif, w.motif) then v.motif
                    else v.motif || ' ; ' || w.motif
                end,
                o.motif,
                'territoire de comparaison : ' || r.motif
            ),
            ''
        ) as reserve,
        v.verdict <> 'non_comparable' and w.verdict <> 'non_comparable'
        and k.code_territoire is null
        and n.exclus = b.exclus and n.exclus_reference = b.exclus_reference as admis
    from cotes as n
    inner join cotes as b
        on
            n.code_territoire = b.code_territoire
            and n.perimetre = b.perimetre
            and n.code_indicateur = b.code_indicateur
            and n.code_reference = b.code_reference
            and n.periode > b.periode
    {{ verdict_du_couple('n', 'b.periode') }}
    inner join {{ ref('stg_edition__comparabilites') }} as w
        on
            n.code_indicateur = w.code_indicateur
            and n.reference = w.type_territoire
            and w.relation = ''
            and n.periode = w.periode
            and b.periode = w.periode_comparaison
    left join {{ ref('int_contours_changes') }} as r
        on
            n.code_reference = r.code_territoire
            and n.code_indicateur = r.code_indicateur
            and n.periode = r.periode
            and b.periode = r.periode_comparaison
    where v.verdict is not null and n.choix = 'niveau'
),

bornes as (
    select
        code_territoire,
        perimetre,
        code_indicateur,
        code_reference,
        max(periode_comparaison) filter (admis) as precedente,
        min(periode_comparaison) filter (admis) as premiere,
        max(periode_comparaison) as voisine,
        arg_max(reserve, periode_comparaison) filter (not admis) as refus
    from couples
    group by all
),

choisis as (
    select
        *,
        unnest(if(precedente is null, [null], list_distinct([precedente, premiere]))) as choisie
    from bornes
)

select
    n.* exclude (choix, relation, exclus, exclus_reference, motif),
    c.periode_comparaison,
    c.ecart_comparaison,
    abs(n.ecart) - abs(c.ecart_comparaison) as evolution_ecart,
    case
        when c.periode_comparaison is null then 'non_etabli'
        when abs(n.ecart) - abs(c.ecart_comparaison) > {{ seuil_de_tendance() }} then 'se_creuse'
        when abs(n.ecart) - abs(c.ecart_comparaison) < -{{ seuil_de_tendance() }} then 'se_resserre'
        else 'stable'
    end as tendance,
    case
        when c.periode_comparaison is not null then nullif(concat_ws(' ; ', n.motif, c.reserve), '')
        when b.voisine is null
            then concat_ws(' ; ', n.motif, 'aucune période antérieure où les deux chiffres sont là')
        else concat_ws(' ; ', n.motif, coalesce(b.refus, 'autres territoires aux deux dates'))
    end as motif,
    coalesce(c.periode_comparaison = b.precedente, false) as precedente,
    coalesce(c.periode_comparaison = b.premiere, false) as premiere
from cotes as n
left join choisis as b
    on
        n.code_territoire = b.code_territoire
        and n.perimetre = b.perimetre
        and n.code_indicateur = b.code_indicateur
        and n.code_reference = b.code_reference
left join couples as c
    on
        n.code_territoire = c.code_territoire
        and n.perimetre = c.perimetre
        and n.code_indicateur = c.code_indicateur
        and n.code_reference = c.code_reference
        and b.choisie = c.periode_comparaison
where n.choix = 'niveau'
