-- One row per territory × indicator × role with a masked term, of its own or of the set that is its
-- denominator: what no figure may be published of.
with masquees as (
    select * from {{ ref('int_masques') }}
    where etat <> 'publiable'
),

-- A share in the set of the EPCI uses the set's total: it is a term of every quarter's share.
denominateurs as (
    select
        e.code_qpv as code_territoire,
        e.perimetre,
        m.mesure,
        m.role
    from masquees as m
    inner join {{ ref('int_ensembles') }} as e
        on m.code_territoire = e.code_ensemble and m.perimetre = e.perimetre
    where e.type_territoire = 'qpv_epci'
)

select distinct
    t.code_territoire,
    t.perimetre,
    t.code_indicateur,
    t.role
from {{ ref('int_termes') }} as t
inner join masquees as m
    on
        t.code_territoire = m.code_territoire
        and t.perimetre = m.perimetre
        and t.terme = m.mesure
        and t.role = m.role
union
select
    t.code_territoire,
    t.perimetre,
    t.code_indicateur,
    t.role
from {{ ref('int_termes') }} as t
inner join {{ ref('stg_edition__indicateurs') }} as i
    on t.code_indicateur = i.code_indicateur and i.den_ensemble
inner join denominateurs as d
    on
        t.code_territoire = d.code_territoire
        and t.perimetre = d.perimetre
        and t.terme = d.mesure
        and t.role = d.role
