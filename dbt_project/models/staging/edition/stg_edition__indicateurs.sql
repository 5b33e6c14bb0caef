select * from {{ source('edition', 'indicateurs') }}
