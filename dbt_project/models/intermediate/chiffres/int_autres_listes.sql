-- One row per QPV × mesure × period whose source follows another list of quarters: where it writes
-- codes of one list, those of the other are not in it.
with suivies as (
    select distinct
        m.mesure,
        m.periode,
        a.groupe,
        a.nature
    from {{ ref('int_mesures') }} as m
    inner join {{ ref('stg_edition__anciens_codes') }} as a
        on m.code_territoire = a.code_qpv and m.perimetre = a.perimetre
)

select
    a.code_qpv,
    a.perimetre,
    s.mesure,
    s.periode,
    a.motif
from {{ ref('stg_edition__anciens_codes') }} as a
inner join suivies as s on a.groupe = s.groupe and a.nature <> s.nature
