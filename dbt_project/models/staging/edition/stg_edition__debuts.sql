select * from {{ source('edition', 'debuts') }}
