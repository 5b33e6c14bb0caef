-- What holds each place of a quarter: one row per place and type of whole territory that its type is
-- compared with, where one of them holds it whole. Its communes say it; where none is known, its quarters.
with temoins as (
    select
        'commune' as preuve,
        code_commune as temoin,
        type_lieu,
        cle
    from {{ ref('int_communes_lieux') }}
    union all
    select
        'qpv' as preuve,
        code_qpv || ' ' || perimetre as temoin,
        type_lieu,
        cle
    from {{ ref('int_qpv_lieux') }}
    where rang = 1
),

paires as (
    select
        a.type_lieu,
        a.cle,
        a.preuve,
        r.reference,
        any_value(b.cle) as cle_reference,
        count(distinct b.cle) = 1 and count(*) = count(b.cle) as est_dedans
    from temoins as a
    inner join {{ ref('stg_edition__references_des_types') }} as r on a.type_lieu = r.type_territoire
    left join temoins as b
        on a.preuve = b.preuve and a.temoin = b.temoin and r.reference = b.type_lieu
    group by all
)

select
    type_lieu,
    cle,
    reference,
    cle_reference
from (
    select p.* from paires as p
    semi join {{ ref('int_qpv_lieux') }} as q on p.type_lieu = q.type_lieu and p.cle = q.cle
    qualify row_number() over (partition by p.type_lieu, p.cle, p.reference order by p.preuve) = 1
) as choisies
where est_dedans
