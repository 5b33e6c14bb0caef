select * from {{ source('edition', 'termes') }}
