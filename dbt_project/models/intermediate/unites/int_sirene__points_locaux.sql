-- Establishments that lie in a local perimeter, by their point.
{{ dans_un_perimetre(ref('stg_insee__sirene_points')) }}
