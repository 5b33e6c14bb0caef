select * from {{ source('edition', 'anciens_codes') }}
