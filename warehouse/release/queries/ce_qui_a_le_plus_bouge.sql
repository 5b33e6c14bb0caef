-- Question : parmi les QPV d'un EPCI, qu'est-ce qui a bougé autrement que dans les autres quartiers ?
-- Paramètre : $epci, '200042190'.
-- Attention : `moins_bien` est le cinquième des QPV de France qui a le moins bien évolué, `mieux` celui
--   qui a le mieux évolué, aux deux mêmes périodes : évoluer moins bien n'est pas toujours se dégrader,
--   et l'évolution est à côté. Seules les comparaisons permises sont là.
select
    p.code_territoire,
    t.libelle_long,
    i.theme,
    p.code_indicateur,
    i.libelle as indicateur,
    i.unite,
    i.sens,
    p.perimetre,
    p.periode_comparaison,
    p.periode,
    p.valeur,
    case when e.statut = 'diffuse' then e.evolution_nb end as evolution_nb,
    case when e.statut = 'diffuse' then e.evolution_pct end as evolution_pct,
    case when e.statut = 'diffuse' then e.evolution_pts end as evolution_pts,
    e.comparabilite,
    e.motif,
    p.mouvement,
    p.rang_mouvement,
    p.nb_mouvement,
    p.niveau,
    i.citation
from fct_position as p
inner join dim_indicateur as i on p.code_indicateur = i.code_indicateur
inner join dim_territoire as t on p.code_territoire = t.code_territoire and p.perimetre = t.perimetre
inner join pont_qpv_epci as q on p.code_territoire = q.code_qpv and p.perimetre = q.perimetre
inner join fct_evolution as e
    on
        p.code_territoire = e.code_territoire
        and p.perimetre = e.perimetre
        and p.code_indicateur = e.code_indicateur
        and p.periode = e.periode
        and p.periode_comparaison = e.periode_comparaison
where q.code_epci = $epci and p.mouvement in ('moins_bien', 'mieux')
order by
    least(p.rang_mouvement, p.nb_mouvement - p.rang_mouvement) / p.nb_mouvement,
    p.code_territoire,
    p.code_indicateur
