-- Question : de combien chaque QPV s'écarte-t-il de son EPCI ?
-- Paramètres : $epci, '200042190' ; $indicateur, une part, un ratio, un indice ou un montant, par
--   exemple 'taux_emploi_15_64_ans'.
-- Attention : l'écart est là si les deux chiffres sont diffusés, pour la même période. Un effectif n'a
--   pas d'écart : un QPV est toujours plus petit que son EPCI. L'EPCI comprend ses QPV.
with reference as (
    select
        f.code_indicateur,
        f.periode,
        case when f.statut = 'diffuse' then f.valeur end as valeur,
        f.statut,
        f.motif
    from fct_indicateur as f
    where f.code_territoire = 'EPCI:' || $epci
)

select
    f.code_territoire,
    t.libelle_long,
    i.libelle as indicateur,
    i.unite,
    f.periode,
    f.perimetre,
    case when f.statut = 'diffuse' then f.valeur end as valeur_qpv,
    r.valeur as valeur_epci,
    case when f.statut = 'diffuse' then f.valeur - r.valeur end as ecart,
    if(i.unite = '%', 'points', i.unite) as unite_ecart,
    f.statut as statut_qpv,
    f.motif as motif_qpv,
    r.statut as statut_epci,
    r.motif as motif_epci,
    i.citation,
    f.source_id,
    f.millesime
from fct_indicateur as f
inner join dim_indicateur as i
    on f.code_indicateur = i.code_indicateur and f.periode is not distinct from i.periode
inner join dim_territoire as t on f.code_territoire = t.code_territoire and f.perimetre = t.perimetre
inner join pont_qpv_epci as e on f.code_territoire = e.code_qpv and f.perimetre = e.perimetre
left join reference as r on f.code_indicateur = r.code_indicateur and f.periode is not distinct from r.periode
where
    e.code_epci = $epci
    and f.code_indicateur = $indicateur
    and i.type not in ('effectif', 'superficie', 'ecart')
order by ecart nulls last, f.code_territoire
