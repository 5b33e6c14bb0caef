select * from {{ source('geometrie', 'recouvrements') }}
