select * from {{ source('edition', 'termes_par_periode') }}
