select * from {{ source('edition', 'publications') }}
