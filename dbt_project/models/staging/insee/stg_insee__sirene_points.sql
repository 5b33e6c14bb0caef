-- Every establishment that has a point; 33 is a point drawn at random in the commune.
select
    millesime,
    code as siret,
    epsg::integer as epsg,
    x,
    y,
    coalesce(qualite_xy, '') = '33' as est_incertain
from {{ source('landing', 'insee_sirene_geolocalisation') }}
where x is not null and y is not null
