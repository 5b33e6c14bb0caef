-- Question : les chiffres clés des QPV d'un EPCI, une ligne par quartier, pour un tableur ?
-- Paramètre : $epci, '200042190'.
-- Attention : à côté de chaque chiffre, son statut ; une case vide n'est pas un zéro. La période de
--   chaque colonne est dans dim_indicateur. Pour un autre indicateur, ajouter deux lignes semblables.
with membres as (
    select code_qpv from pont_qpv_epci
    where code_epci = $epci
),

chiffres as (
    select
        f.code_territoire,
        f.perimetre,
        f.code_indicateur,
        case when f.statut = 'diffuse' then f.valeur end as valeur,
        f.statut
    from fct_indicateur as f
    inner join dim_indicateur as i
        on f.code_indicateur = i.code_indicateur and f.periode is not distinct from i.periode
)

select
    t.code_territoire,
    t.libelle_long,
    t.perimetre,
    max(c.valeur) filter (c.code_indicateur = 'population_municipale') as population_municipale,
    max(c.statut) filter (c.code_indicateur = 'population_municipale') as population_municipale_statut,
    max(c.valeur) filter (c.code_indicateur = 'taux_pauvrete') as taux_pauvrete,
    max(c.statut) filter (c.code_indicateur = 'taux_pauvrete') as taux_pauvrete_statut,
    max(c.valeur) filter (c.code_indicateur = 'revenu_median') as revenu_median,
    max(c.statut) filter (c.code_indicateur = 'revenu_median') as revenu_median_statut,
    max(c.valeur) filter (c.code_indicateur = 'nb_defm_abc') as nb_defm_abc,
    max(c.statut) filter (c.code_indicateur = 'nb_defm_abc') as nb_defm_abc_statut,
    max(c.valeur) filter (c.code_indicateur = 'taux_emploi_15_64_ans') as taux_emploi_15_64_ans,
    max(c.statut) filter (c.code_indicateur = 'taux_emploi_15_64_ans') as taux_emploi_15_64_ans_statut,
    max(c.valeur) filter (c.code_indicateur = 'taux_couverture_minima_sociaux')
        as taux_couverture_minima_sociaux,
    max(c.statut) filter (c.code_indicateur = 'taux_couverture_minima_sociaux')
        as taux_couverture_minima_sociaux_statut,
    max(c.valeur) filter (c.code_indicateur = 'taux_c2s') as taux_c2s,
    max(c.statut) filter (c.code_indicateur = 'taux_c2s') as taux_c2s_statut,
    max(c.valeur) filter (c.code_indicateur = 'part_monoparentales_familles_caf')
        as part_monoparentales_familles_caf,
    max(c.statut) filter (c.code_indicateur = 'part_monoparentales_familles_caf')
        as part_monoparentales_familles_caf_statut,
    max(c.valeur) filter (c.code_indicateur = 'indice_jeunesse') as indice_jeunesse,
    max(c.statut) filter (c.code_indicateur = 'indice_jeunesse') as indice_jeunesse_statut,
    max(c.valeur) filter (c.code_indicateur = 'nb_logements_sociaux') as nb_logements_sociaux,
    max(c.statut) filter (c.code_indicateur = 'nb_logements_sociaux') as nb_logements_sociaux_statut,
    max(c.valeur) filter (c.code_indicateur = 'superficie') as superficie,
    max(c.statut) filter (c.code_indicateur = 'superficie') as superficie_statut
from dim_territoire as t
left join chiffres as c on t.code_territoire = c.code_territoire and t.perimetre = c.perimetre
where
    t.code_territoire in ('EPCI:' || $epci, 'QPV@EPCI:' || $epci)
    or (
        t.code_territoire in (select code_qpv from membres)
        and t.perimetre in (select perimetre from chiffres)
    )
group by t.code_territoire, t.libelle_long, t.perimetre, t.type_territoire
order by t.type_territoire <> 'qpv', t.code_territoire
