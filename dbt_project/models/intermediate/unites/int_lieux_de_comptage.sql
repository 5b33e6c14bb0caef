-- Every territory in which units are counted: QPV by the file's own codes, local perimeters by points.
select
    code_qpv as code_territoire,
    perimetre,
    code_departement
from {{ ref('int_qpv') }}
where not est_ancien
union all
select
    code_perimetre as code_territoire,
    '' as perimetre,
    code_departement
from {{ ref('int_perimetres_locaux') }}
