select * from {{ source('geometrie', 'superficies') }}
