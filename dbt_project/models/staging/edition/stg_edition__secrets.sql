select * from {{ source('edition', 'secrets') }}
