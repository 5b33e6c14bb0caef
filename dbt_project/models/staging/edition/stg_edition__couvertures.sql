select * from {{ source('edition', 'couvertures') }}
