-- Départements in which dwellings have a point, where local perimeters ask for it.
{{ departements_situes(ref('stg_sdes__rpls_points')) }}
