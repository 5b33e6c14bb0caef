-- Question : quels sont les chiffres des QPV d'une commune, à la période de l'édition ?
-- Paramètre : $commune, code officiel géographique, '59172'.
-- Attention : les chiffres valent pour le quartier entier, même s'il déborde de la commune
--   (`part_dans_la_commune`, de 0 à 1, vide si elle n'est pas connue). Ils ne s'additionnent donc pas
--   en un chiffre de la commune.
select
    c.code_commune,
    c.libelle_commune,
    t.code_territoire,
    t.libelle_long,
    c.part_population as part_dans_la_commune,
    i.theme,
    f.code_indicateur,
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
from pont_qpv_commune as c
inner join dim_territoire as t on c.code_qpv = t.code_territoire and c.perimetre = t.perimetre
inner join fct_indicateur as f on t.code_territoire = f.code_territoire and t.perimetre = f.perimetre
inner join dim_indicateur as i
    on f.code_indicateur = i.code_indicateur and f.periode is not distinct from i.periode
where c.code_commune = $commune
order by t.code_territoire, i.theme, f.code_indicateur
