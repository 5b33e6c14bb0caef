select * from {{ source('edition', 'perimetres') }}
