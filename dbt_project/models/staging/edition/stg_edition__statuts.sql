select * from {{ source('edition', 'statuts') }}
