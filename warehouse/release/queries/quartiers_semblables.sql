-- Question : quels quartiers ressemblent le plus à un QPV, et quelle y est la valeur d'un indicateur ?
-- Paramètres : $qpv, 'QP059050' ; $indicateur, 'taux_pauvrete'.
-- Attention : la ressemblance est celle des indicateurs dont `dim_indicateur.structure` est vrai ;
--   `nb_indicateurs` dit combien sont connus des deux côtés, `rang` 0 est le quartier lui-même.
--   Ressembler n'est pas expliquer.
with proches as (
    select
        code_semblable as code_qpv,
        perimetre,
        rang,
        distance,
        nb_indicateurs
    from pont_qpv_semblable
    where code_qpv = $qpv
    union all
    select
        code_territoire as code_qpv,
        perimetre,
        0 as rang,
        0 as distance,
        null as nb_indicateurs
    from dim_territoire
    where code_territoire = $qpv
)

select
    p.rang,
    p.code_qpv,
    t.libelle_long,
    p.distance,
    p.nb_indicateurs,
    i.libelle as indicateur,
    i.unite,
    f.periode,
    p.perimetre,
    case when f.statut = 'diffuse' then f.valeur end as valeur,
    f.statut,
    f.motif,
    i.citation,
    f.source_id,
    f.millesime
from proches as p
inner join dim_territoire as t on p.code_qpv = t.code_territoire and p.perimetre = t.perimetre
inner join dim_indicateur as i on i.code_indicateur = $indicateur
left join fct_indicateur as f
    on
        p.code_qpv = f.code_territoire
        and p.perimetre = f.perimetre
        and i.code_indicateur = f.code_indicateur
        and f.en_avant
order by p.rang
