-- Only dwellings that the geocoder puts in a QPV, or of which the landlord says that they are in one.
select * exclude (epsg, x, y)
from {{ ref('stg_sdes__rpls_points') }}
where code_qpv_actuel is not null or code_qpv_ancien is not null or est_declare
