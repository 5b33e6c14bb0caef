select * from {{ source('edition', 'parametres') }}
