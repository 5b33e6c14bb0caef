select * from {{ source('edition', 'nomenclatures') }}
