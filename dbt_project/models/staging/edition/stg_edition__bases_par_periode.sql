select * from {{ source('edition', 'bases_par_periode') }}
