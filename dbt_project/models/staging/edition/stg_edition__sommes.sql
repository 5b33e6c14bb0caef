select * from {{ source('edition', 'sommes') }}
