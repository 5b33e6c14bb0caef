select * from {{ source('edition', 'periodes_indicateurs') }}
