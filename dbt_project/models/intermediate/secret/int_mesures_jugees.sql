-- One row per mesure and period that at least one source gives unmasked, with the rule that judges it.
select
    m.mesure,
    m.periode,
    max(s.regle) as regle
from {{ ref('int_mesures') }} as m
inner join {{ ref('stg_edition__secrets') }} as s
    on m.source_id = s.source_id and m.bloc = s.bloc and m.mesure = s.mesure
where s.acces <> 'publique' and s.seuil is not null
group by m.mesure, m.periode
