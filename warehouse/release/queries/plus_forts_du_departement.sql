-- Question : dans quels QPV d'un département un indicateur est-il le plus élevé ?
-- Paramètres : $departement, '59' ; $indicateur, par exemple 'part_defm_abc_femmes'.
-- Attention : un QPV sans chiffre n'a pas de rang ; il vient à la fin, avec son statut et son motif.
--   Une part calculée sur peu de personnes varie beaucoup d'un quartier à l'autre.
select
    if(f.statut = 'diffuse', rank() over (order by f.valeur desc nulls last), null) as rang,
    t.code_territoire,
    t.libelle_long,
    i.libelle as indicateur,
    case when f.statut = 'diffuse' then f.valeur end as valeur,
    i.unite,
    f.periode,
    f.perimetre,
    f.statut,
    f.motif,
    i.citation,
    f.source_id,
    f.millesime
from fct_indicateur as f
inner join dim_indicateur as i
    on f.code_indicateur = i.code_indicateur and f.periode is not distinct from i.periode
inner join dim_territoire as t on f.code_territoire = t.code_territoire and f.perimetre = t.perimetre
where
    f.type_territoire = 'qpv'
    and f.code_indicateur = $indicateur
    and t.code_departement = $departement
order by rang nulls last, t.code_territoire
