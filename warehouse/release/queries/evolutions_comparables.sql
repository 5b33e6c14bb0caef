-- Question : comment un indicateur évolue-t-il dans les QPV d'un EPCI, là où on a le droit de comparer ?
-- Paramètres : $epci, '200042190' ; $indicateur, par exemple 'nb_allocataires_minima_sociaux'.
-- Attention : sans verdict `comparable` ou `comparable_avec_reserve`, ou sans les deux chiffres, il
--   n'y a pas d'évolution et `motif` dit pourquoi. Ne pas la recalculer en soustrayant deux éditions.
--   Celles d'autres périodes sont dans la table, sans `en_avant`.
with membres as (
    select code_qpv from pont_qpv_epci
    where code_epci = $epci
)

select
    e.code_territoire,
    t.libelle_long,
    i.libelle as indicateur,
    i.unite,
    e.periode_comparaison,
    e.periode,
    e.perimetre,
    case when e.statut = 'diffuse' then e.evolution_nb end as evolution_nb,
    case when e.statut = 'diffuse' then e.evolution_pct end as evolution_pct,
    case when e.statut = 'diffuse' then e.evolution_pts end as evolution_pts,
    e.comparabilite,
    e.statut,
    e.motif,
    i.citation
from fct_evolution as e
inner join dim_indicateur as i on e.code_indicateur = i.code_indicateur
inner join dim_territoire as t on e.code_territoire = t.code_territoire and e.perimetre = t.perimetre
where
    e.code_indicateur = $indicateur
    and e.en_avant
    and (
        e.code_territoire in ('EPCI:' || $epci, 'QPV@EPCI:' || $epci)
        or e.code_territoire in (select code_qpv from membres)
    )
order by e.type_territoire <> 'qpv', e.code_territoire
