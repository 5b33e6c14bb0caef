-- Question : l'écart des QPV d'un EPCI à un territoire de comparaison se resserre-t-il ?
-- Paramètres : $epci, '200042190' ; $reference, 'commune', 'epci', 'departement', 'region' ou 'france' ;
--   $indicateur, une part, un ratio ou un montant, par exemple 'revenu_median'.
-- Attention : l'écart est en points pour une part, sinon en % de la comparaison. `non_etabli` n'est pas
--   `stable` : aucune période antérieure ne se compare, et `motif` dit pourquoi.
select
    e.code_territoire,
    t.libelle_long,
    i.libelle as indicateur,
    i.unite,
    e.code_reference,
    e.periode,
    e.perimetre,
    e.valeur,
    e.valeur_reference,
    e.ecart,
    e.unite_ecart,
    e.periode_comparaison,
    e.ecart_comparaison,
    e.evolution_ecart,
    e.tendance,
    e.motif,
    i.citation
from fct_ecart as e
inner join dim_indicateur as i on e.code_indicateur = i.code_indicateur
inner join dim_territoire as t on e.code_territoire = t.code_territoire and e.perimetre = t.perimetre
inner join pont_qpv_epci as p on e.code_territoire = p.code_qpv and e.perimetre = p.perimetre
where p.code_epci = $epci and e.reference = $reference and e.code_indicateur = $indicateur
order by e.tendance asc, e.code_territoire asc, e.periode_comparaison desc
