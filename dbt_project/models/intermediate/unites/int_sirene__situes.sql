-- Départements in which establishments have a point, where local perimeters ask for it.
{{ departements_situes(ref('stg_insee__sirene_points')) }}
