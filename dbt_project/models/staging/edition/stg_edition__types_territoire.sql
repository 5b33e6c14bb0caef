select * from {{ source('edition', 'types_territoire') }}
