-- type_nom is the COG's TNCC: the article that goes before the name (2: du, 3: de la, 5: de l').
select
    code as code_departement,
    libelle,
    case type_nom
        when '1' then 'd''' || libelle
        when '2' then 'du ' || libelle
        when '3' then 'de la ' || libelle
        when '4' then 'des ' || libelle
        when '5' then 'de l''' || libelle
        else 'de ' || libelle
    end as libelle_avec_article,
    code_region
from {{ source('landing', 'insee_cog_departements') }}
