select * from {{ source('geometrie', 'cotes') }}
