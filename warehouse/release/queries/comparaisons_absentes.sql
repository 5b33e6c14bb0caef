-- Question : quels chiffres de quartiers ne se comparent à rien, et quel fichier demander à qui ?
-- Paramètre : aucun.
-- Attention : un échelon est dit absent quand aucun de ses territoires n'a de chiffre diffusé à la
--   période mise en avant. `fichier_des_quartiers` est celui qui donne le chiffre des QPV : c'est à
--   son producteur, à `page`, que se demande le même pour la commune, l'EPCI ou le département.
--   `echelons_de_la_livraison` : ceux que ce producteur dit joindre à ce fichier ; nul ne les a lus ici.
with echelons as (
    select
        unnest(['commune', 'epci', 'departement', 'region', 'france']) as type_territoire,
        unnest([1, 2, 3, 4, 5]) as rang
),

quartiers as (
    select
        code_indicateur,
        periode,
        count(*) as nb_quartiers,
        any_value(source_id) as source_id,
        any_value(millesime) as millesime
    from fct_indicateur
    where type_territoire = 'qpv' and en_avant and statut = 'diffuse'
    group by code_indicateur, periode
),

tenus as (
    select distinct
        code_indicateur,
        type_territoire
    from fct_indicateur
    where en_avant and statut = 'diffuse'
),

absents as (
    select
        q.*,
        list(e.type_territoire order by e.rang) as echelons,
        count(*) as nb_echelons_sans_chiffre
    from quartiers as q
    cross join echelons as e
    anti join tenus as t
        on q.code_indicateur = t.code_indicateur and e.type_territoire = t.type_territoire
    group by all
)

select
    i.producteur,
    i.theme,
    a.code_indicateur,
    i.libelle as indicateur,
    i.unite,
    a.periode,
    a.nb_quartiers,
    array_to_string(a.echelons, ', ') as echelons_sans_chiffre,
    nullif(
        array_to_string(
            list_filter(
                a.echelons, lambda e: list_contains(string_split(s.niveaux_jamais_lus, ', '), e)
            ),
            ', '
        ),
        ''
    ) as echelons_de_la_livraison,
    s.titre as fichier_des_quartiers,
    s.page,
    i.citation
from absents as a
inner join dim_indicateur as i on a.code_indicateur = i.code_indicateur
left join (
    select
        source_id,
        millesime,
        any_value(titre) as titre,
        any_value(page) as page,
        any_value(niveaux_jamais_lus) as niveaux_jamais_lus
    from dim_source
    group by source_id, millesime
) as s on a.source_id = s.source_id and a.millesime = s.millesime
where i.type not in ('ecart', 'superficie')
order by i.producteur asc, i.theme asc, a.nb_echelons_sans_chiffre desc, a.code_indicateur asc
