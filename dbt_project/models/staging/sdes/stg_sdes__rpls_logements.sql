-- Only dwellings that the geocoder or the landlord puts in a QPV.
select
    * exclude (est_qpv_incertain, est_point_incertain, epsg, x, y),
    est_qpv_incertain or est_point_incertain as est_incertain
from {{ ref('stg_sdes__rpls_points') }}
where code_qpv is not null or code_qpv_declare is not null
