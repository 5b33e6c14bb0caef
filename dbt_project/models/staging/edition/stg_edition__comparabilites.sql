select * from {{ source('edition', 'comparabilites') }}
