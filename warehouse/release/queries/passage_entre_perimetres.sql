-- Question : à quels QPV de 2015 correspondent les QPV de 2024 d'un EPCI ?
-- Paramètre : $epci, '200042190'.
-- Attention : un recouvrement n'est pas une identité. Seul un quartier `inchange`, seul en face d'un
--   seul, continue le précédent (`continu`) ; les chiffres des autres ne se comparent pas d'un périmètre à
--   l'autre. Il faut une édition du périmètre 2024 ; sinon la table est vide.
with membres as (
    select code_qpv from pont_qpv_epci
    where code_epci = $epci
),

recouvrements as (
    select
        *,
        count(*) over (partition by code_qpv) as origines,
        count(*) over (partition by code_qpv_origine) as suites
    from passage_qpv
)

select
    r.code_qpv,
    apres.libelle_long as libelle,
    r.code_qpv_origine,
    avant.libelle_long as libelle_origine,
    r.relation,
    r.statut_passage,
    r.relation = 'inchange' and r.origines = 1 and r.suites = 1 as continu
from recouvrements as r
left join dim_territoire as apres on r.code_qpv = apres.code_territoire
left join dim_territoire as avant on r.code_qpv_origine = avant.code_territoire
where
    r.code_qpv in (select code_qpv from membres)
    or r.code_qpv_origine in (select code_qpv from membres)
order by r.code_qpv, r.code_qpv_origine
