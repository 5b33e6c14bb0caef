select * from {{ source('edition', 'statuts') }}
where est_de_niveau
