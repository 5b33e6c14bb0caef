-- Question : quel est le rang d'un QPV parmi ceux de son EPCI, indicateur par indicateur ?
-- Paramètre : $qpv, 'QP059050'.
-- Attention : `rang` 1 est la valeur la plus haute, qui n'est pas toujours la meilleure ;
--   `classes` compte les QPV qui ont un chiffre, `sans_chiffre` les autres. `valeur_ensemble` est celle
--   des QPV de l'EPCI pris ensemble ; `motif_ensemble` dit si certains ont été laissés de côté. Un QPV
--   à cheval sur deux EPCI a une ligne pour chacun.
with intercommunalites as (
    select code_epci from pont_qpv_epci
    where code_qpv = $qpv
),

voisins as (
    select
        e.code_epci,
        e.libelle_epci,
        f.code_territoire,
        f.code_indicateur,
        f.periode,
        case when f.statut = 'diffuse' then f.valeur end as valeur,
        f.statut,
        f.motif,
        f.source_id,
        f.millesime
    from pont_qpv_epci as e
    inner join fct_indicateur as f on e.code_qpv = f.code_territoire and e.perimetre = f.perimetre
    where e.code_epci in (select code_epci from intercommunalites)
),

classement as (
    select
        *,
        rank() over (
            partition by code_epci, code_indicateur, periode
            order by valeur desc nulls last
        ) as rang,
        count(valeur) over (partition by code_epci, code_indicateur, periode) as classes,
        count(*) over (partition by code_epci, code_indicateur, periode) as quartiers
    from voisins
)

select
    c.code_epci,
    c.libelle_epci,
    i.theme,
    c.code_indicateur,
    i.libelle as indicateur,
    c.valeur,
    i.unite,
    c.periode,
    if(c.valeur is null, null, c.rang) as rang,
    c.classes,
    c.quartiers - c.classes as sans_chiffre,
    c.statut,
    c.motif,
    case when e.statut = 'diffuse' then e.valeur end as valeur_ensemble,
    e.motif as motif_ensemble,
    i.citation,
    c.source_id,
    c.millesime
from classement as c
inner join dim_indicateur as i
    on c.code_indicateur = i.code_indicateur and c.periode is not distinct from i.periode
left join fct_indicateur as e
    on
        e.code_territoire = 'QPV@EPCI:' || c.code_epci
        and c.code_indicateur = e.code_indicateur
        and c.periode is not distinct from e.periode
where c.code_territoire = $qpv
order by c.code_epci, i.theme, c.code_indicateur
