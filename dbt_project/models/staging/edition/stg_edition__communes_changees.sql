select * from {{ source('edition', 'communes_changees') }}
