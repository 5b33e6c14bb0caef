-- Question : comment un indicateur a-t-il bougé dans un QPV, à toutes les périodes connues ?
-- Paramètres : $qpv, 'QP059050' ; $indicateur, par exemple 'nb_defm_abc'.
-- Attention : deux points ne se relient que si la période de l'un est `comparable_depuis` celle de
--   l'autre. La comparabilité ne se transmet pas : trois points ne font pas toujours une ligne.
with points as (
    select
        code_territoire,
        perimetre,
        periode,
        case when statut = 'diffuse' then valeur end as valeur,
        statut,
        motif,
        source_id,
        millesime,
        en_avant
    from fct_indicateur
    where code_territoire = $qpv and code_indicateur = $indicateur
),

liens as (
    select
        n.perimetre,
        c.periode,
        max(c.periode_comparaison) as comparable_depuis
    from dim_comparabilite as c
    inner join points as n on c.periode = n.periode
    inner join points as b on n.perimetre = b.perimetre and c.periode_comparaison = b.periode
    -- What is said of this very figure (its communes changed) goes before the rule.
    left join fct_evolution as e
        on
            n.code_territoire = e.code_territoire
            and n.perimetre = e.perimetre
            and e.code_indicateur = $indicateur
            and c.periode = e.periode
            and c.periode_comparaison = e.periode_comparaison
    where
        c.code_indicateur = $indicateur
        and c.type_territoire = 'qpv'
        and c.relation = if(n.perimetre = '2015', '', right($qpv, 1))
        and c.comparabilite <> 'non_comparable'
        and n.statut = 'diffuse'
        and b.statut = 'diffuse'
        and coalesce(e.statut, 'diffuse') = 'diffuse'
    group by n.perimetre, c.periode
)

select
    p.code_territoire,
    t.libelle_long,
    i.libelle as indicateur,
    i.unite,
    p.periode,
    p.perimetre,
    p.valeur,
    l.comparable_depuis,
    p.statut,
    p.motif,
    p.en_avant,
    i.citation,
    p.source_id,
    p.millesime
from points as p
inner join dim_indicateur as i on i.code_indicateur = $indicateur
inner join dim_territoire as t on p.code_territoire = t.code_territoire and p.perimetre = t.perimetre
left join liens as l on p.perimetre = l.perimetre and p.periode = l.periode
order by p.periode
