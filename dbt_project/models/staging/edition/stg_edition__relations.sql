select * from {{ source('edition', 'relations') }}
