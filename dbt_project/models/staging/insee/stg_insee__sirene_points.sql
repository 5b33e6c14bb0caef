-- Every establishment that has a point; 33 is a point drawn at random in the commune. Its département is
-- known in a QPV, by the code.
select
    millesime,
    code as siret,
    case
        when code_qpv_actuel like 'Q%' then regexp_replace(substr(code_qpv_actuel, 3, 3), '^0', '')
        when code_qpv_ancien like 'Q%' then regexp_replace(substr(code_qpv_ancien, 3, 3), '^0', '')
    end as code_departement,
    epsg::integer as epsg,
    x,
    y,
    coalesce(qualite_xy, '') = '33' as est_incertain
from {{ source('landing', 'insee_sirene_geolocalisation') }}
where x is not null and y is not null
