select
    c.code_qpv::varchar as code_qpv,
    c.perimetre::varchar as perimetre,
    c.code_commune::varchar as code_commune,
    e.libelle_commune::varchar as libelle_commune,
    coalesce(e.code_rattachement, c.code_commune)::varchar as code_commune_entiere,
    c.part_population::double as part_population,
    c.motif_part::varchar as motif_part,
    c.est_complete::boolean as est_complete
from {{ ref('int_parts_communes') }} as c
left join {{ ref('int_communes') }} as e on c.code_commune = e.code_commune
order by c.perimetre, c.code_qpv, c.rang
