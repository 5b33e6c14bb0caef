-- Dwellings that lie in a local perimeter, by their point.
{{ dans_un_perimetre(ref('stg_sdes__rpls_points')) }}
