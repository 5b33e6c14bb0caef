select * from {{ source('edition', 'ensembles_complets') }}
