-- Question : comment les niveaux de vie se répartissent-ils dans les QPV d'un EPCI ?
-- Paramètre : $epci, '200042190'.
-- Attention : les déciles viennent de Filosofi, sur les QPV d'assez de ménages ; ils ne s'additionnent
--   ni ne se moyennent, et ne sont donc pas recomposés pour un ensemble. `sans_chiffre` compte les
--   colonnes vides, `motifs` dit pourquoi. Ne pas comparer deux millésimes sans lire leur verdict.
with membres as (
    select code_qpv from pont_qpv_epci
    where code_epci = $epci
)

select
    t.code_territoire,
    t.libelle_long,
    f.periode,
    t.perimetre,
    max(f.valeur) filter (f.code_indicateur = 'revenu_premier_decile') as premier_decile,
    max(f.valeur) filter (f.code_indicateur = 'revenu_premier_quartile') as premier_quartile,
    max(f.valeur) filter (f.code_indicateur = 'revenu_median') as mediane,
    max(f.valeur) filter (f.code_indicateur = 'revenu_troisieme_quartile') as troisieme_quartile,
    max(f.valeur) filter (f.code_indicateur = 'revenu_dernier_decile') as dernier_decile,
    max(f.valeur) filter (f.code_indicateur = 'rapport_interdecile') as rapport_interdecile,
    max(f.valeur) filter (f.code_indicateur = 'indice_gini') as indice_gini,
    max(f.valeur) filter (f.code_indicateur = 'taux_pauvrete') as taux_pauvrete,
    count(*) filter (f.statut <> 'diffuse') as sans_chiffre,
    string_agg(distinct f.motif, ' ; ' order by f.motif) filter (f.statut <> 'diffuse') as motifs,
    string_agg(distinct f.source_id || ' ' || f.millesime, ' ; ' order by f.source_id || ' ' || f.millesime)
        as sources
from (
    select
        * exclude (valeur),
        case when statut = 'diffuse' then valeur end as valeur
    from fct_indicateur
) as f
inner join dim_indicateur as i
    on f.code_indicateur = i.code_indicateur and f.periode is not distinct from i.periode
inner join dim_territoire as t on f.code_territoire = t.code_territoire and f.perimetre = t.perimetre
where
    (
        t.code_territoire = 'EPCI:' || $epci
        or t.code_territoire in (select code_qpv from membres)
    )
    and f.code_indicateur in (
        'revenu_premier_decile', 'revenu_premier_quartile', 'revenu_median', 'revenu_troisieme_quartile',
        'revenu_dernier_decile', 'rapport_interdecile', 'indice_gini', 'taux_pauvrete'
    )
group by t.code_territoire, t.libelle_long, f.periode, t.perimetre, t.type_territoire
order by t.type_territoire <> 'qpv', mediane nulls last, t.code_territoire
