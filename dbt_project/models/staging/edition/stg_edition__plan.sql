select * from {{ source('edition', 'plan') }}
