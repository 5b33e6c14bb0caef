-- Question : quels chiffres manquent aux QPV d'un EPCI, de quelle source, pour quelle raison ?
-- Paramètre : $epci, '200042190'.
-- Attention : un chiffre absent n'est pas un zéro. `secret` : masqué ici ; `secret_producteur` : case
--   laissée vide par le producteur ; `non_disponible` : le fichier n'est pas là ou ne le porte pas.
--   Une source vide : l'édition n'en a pas pour cet indicateur.
with membres as (
    select code_qpv from pont_qpv_epci
    where code_epci = $epci
)

select
    f.source_id,
    f.millesime,
    f.statut,
    f.motif,
    count(*) as chiffres,
    count(distinct f.code_indicateur) as indicateurs,
    count(distinct f.code_territoire) as quartiers
from fct_indicateur as f
where
    f.type_territoire = 'qpv'
    and f.statut <> 'diffuse'
    and f.code_territoire in (select code_qpv from membres)
group by f.source_id, f.millesime, f.statut, f.motif
order by chiffres desc, f.source_id asc nulls last, f.millesime asc, f.statut asc, f.motif asc
