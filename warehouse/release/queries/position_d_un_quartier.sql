-- Question : où se place un QPV parmi ceux de France, de sa taille et parmi ceux qui lui ressemblent ?
-- Paramètre : $qpv, 'QP059050'.
-- Attention : `rang` 1 est le moins favorable. Un indicateur neutre n'a pas de rang, une case masquée
--   ni un chiffre repris par un tiers non plus : `nb` dit parmi combien. Un mouvement vide dit
--   qu'aucune comparaison n'est permise.
select
    i.theme,
    p.code_indicateur,
    i.libelle as indicateur,
    i.unite,
    i.sens,
    p.periode,
    p.perimetre,
    p.valeur,
    p.rang_france,
    p.nb_france,
    p.classe_taille,
    p.rang_taille,
    p.nb_taille,
    p.rang_semblables,
    p.nb_semblables,
    p.niveau,
    p.periode_comparaison,
    p.mouvement,
    i.citation
from fct_position as p
inner join dim_indicateur as i on p.code_indicateur = i.code_indicateur
where p.code_territoire = $qpv
order by p.rang_france / p.nb_france, p.code_indicateur
