select * from {{ source('edition', 'references_des_types') }}
