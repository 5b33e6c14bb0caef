-- One row per count that its producer left blank under secrecy, of a mesure under judgement: what is
-- printed beside it must not give it.
select
    m.code_territoire,
    m.perimetre,
    m.mesure,
    m.periode,
    c.regle
from {{ ref('int_mesures') }} as m
inner join {{ ref('int_mesures_jugees') }} as c on m.mesure = c.mesure and m.periode = c.periode
inner join {{ ref('stg_edition__secrets') }} as s
    on m.source_id = s.source_id and m.bloc = s.bloc and m.mesure = s.mesure
where m.statut = 'secret_producteur' and s.type = 'effectif' and s.acces <> 'publique'
