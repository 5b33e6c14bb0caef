-- One row per cell under judgement: a known figure of a mesure that at least one source gives
-- unmasked. Cells of the same mesure that a producer already shows come along: they cannot be hidden.
select
    m.code_territoire,
    m.perimetre,
    m.mesure,
    s.type,
    m.periode,
    c.regle,
    m.valeur,
    s.acces = 'publique' as publique
from {{ ref('int_mesures') }} as m
inner join {{ ref('int_mesures_jugees') }} as c on m.mesure = c.mesure and m.periode = c.periode
inner join {{ ref('stg_edition__secrets') }} as s
    on m.source_id = s.source_id and m.bloc = s.bloc and m.mesure = s.mesure
where m.statut = 'diffuse'
