select * from {{ source('edition', 'fichiers') }}
