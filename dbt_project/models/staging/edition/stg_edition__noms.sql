select * from {{ source('edition', 'noms') }}
