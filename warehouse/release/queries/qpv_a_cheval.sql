-- Question : quels QPV sont à cheval sur plusieurs EPCI, et quelle part de leurs habitants est dans chacun ?
-- Paramètre : aucun.
-- Attention : `part_population` va de 0 à 1 ; vide, elle n'est pas connue et `motif_part` dit pourquoi.
--   Les chiffres d'un QPV valent pour le quartier entier : ne pas les multiplier par cette part.
select
    e.code_qpv,
    t.libelle_long,
    e.perimetre,
    e.rang,
    e.code_epci,
    e.libelle_epci,
    e.population_qpv,
    e.periode_qpv,
    e.population_dans_epci,
    e.part_population,
    e.motif_part,
    e.origine,
    e.source_id,
    e.millesime
from pont_qpv_epci as e
left join dim_territoire as t on e.code_qpv = t.code_territoire and e.perimetre = t.perimetre
qualify count(*) over (partition by e.code_qpv, e.perimetre) > 1
order by e.perimetre, e.code_qpv, e.rang
