-- Question : qu'est-ce qui a changé depuis une autre publication, chiffre par chiffre ?
-- Paramètre : $precedente, le dossier de l'autre publication, celui qui contient `tables/`.
-- Attention : l'ancienne valeur n'est dite que d'un chiffre diffusé dans les deux. Un chiffre masqué
--   depuis l'est peut-être parce qu'il ne doit plus être connu : ne pas le reprendre de l'ancienne.
--   Entre deux éditions, la plupart des ajouts et des retraits viennent du changement de période.
with avant as (
    select * from read_parquet($precedente || '/tables/fct_indicateur.parquet')
    where periode is not null
),

apres as (
    select * from fct_indicateur
    where periode is not null
),

deux as (
    select
        avant.statut as statut_avant,
        coalesce(apres.code_territoire, avant.code_territoire) as code_territoire,
        coalesce(apres.perimetre, avant.perimetre) as perimetre,
        coalesce(apres.code_indicateur, avant.code_indicateur) as code_indicateur,
        coalesce(apres.periode, avant.periode) as periode,
        apres.statut,
        case when avant.statut = 'diffuse' and apres.statut = 'diffuse' then avant.valeur end as valeur_avant,
        case when apres.statut = 'diffuse' then apres.valeur end as valeur,
        apres.motif,
        coalesce(apres.source_id, avant.source_id) as source_id,
        coalesce(apres.millesime, avant.millesime) as millesime
    from avant
    full outer join apres
        on
            avant.code_territoire = apres.code_territoire
            and coalesce(avant.perimetre, '') = coalesce(apres.perimetre, '')
            and avant.code_indicateur = apres.code_indicateur
            and avant.periode = apres.periode
)

select
    d.code_territoire,
    t.libelle_long,
    d.perimetre,
    d.code_indicateur,
    i.libelle as indicateur,
    d.periode,
    i.unite,
    d.valeur_avant,
    d.valeur,
    d.valeur - d.valeur_avant as difference,
    d.statut_avant,
    d.statut,
    d.motif,
    d.source_id,
    d.millesime
from deux as d
left join dim_territoire as t
    on d.code_territoire = t.code_territoire and coalesce(d.perimetre, '') = coalesce(t.perimetre, '')
left join dim_indicateur as i on d.code_indicateur = i.code_indicateur
where
    (coalesce(d.statut_avant, '') = 'diffuse') <> (coalesce(d.statut, '') = 'diffuse')
    -- Two doubles summed in another order are one figure.
    or abs(d.valeur - d.valeur_avant) > 1e-9 * greatest(abs(d.valeur), abs(d.valeur_avant))
order by d.code_indicateur, d.periode, d.code_territoire, d.perimetre
