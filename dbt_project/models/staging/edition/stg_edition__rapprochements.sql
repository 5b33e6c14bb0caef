select * from {{ source('edition', 'rapprochements') }}
