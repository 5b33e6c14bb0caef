-- Every establishment that has a point; 33 is a point drawn at random in the commune.
select
    millesime,
    code::varchar as siret,
    try_cast(epsg as integer) as epsg,
    try_cast(x as double) as x,
    try_cast(y as double) as y,
    coalesce(qualite_xy = '33', false) as est_incertain
from {{ source('landing', 'insee_sirene_geolocalisation') }}
where x is not null and y is not null
