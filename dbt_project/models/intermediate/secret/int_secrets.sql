-- One row per territory × indicator × period that may not be told: a term under judgement of its own,
-- or of the set that is its denominator, was not found publishable. What nobody judged is not told.
with jugees as (
    select distinct
        mesure,
        periode
    from {{ ref('int_cellules_secretes') }}
),

propres as (
    select
        t.code_territoire,
        t.perimetre,
        t.code_indicateur,
        t.periode,
        t.terme,
        t.periode_terme
    from {{ ref('int_termes') }} as t
    inner join jugees as j on t.terme = j.mesure and t.periode_terme = j.periode
),

-- A set that its quarters make has their terms.
termes as (
    select * from propres
    union
    select
        e.code_ensemble as code_territoire,
        p.* exclude (code_territoire)
    from propres as p
    inner join {{ ref('int_ensembles') }} as e
        on p.code_territoire = e.code_qpv and p.perimetre = e.perimetre
),

-- A share in the set of the EPCI uses the set's total: it is a term of every quarter's share.
totaux as (
    select
        e.code_ensemble as code_territoire,
        e.perimetre,
        t.code_indicateur,
        t.periode,
        t.terme,
        t.periode_terme,
        e.code_qpv
    from termes as t
    inner join {{ ref('stg_edition__indicateurs') }} as i
        on t.code_indicateur = i.code_indicateur and i.den_ensemble
    inner join {{ ref('int_ensembles') }} as e
        on t.code_territoire = e.code_qpv and t.perimetre = e.perimetre
    where e.type_territoire = 'qpv_epci'
),

exiges as (
    select
        *,
        code_territoire as code_montre
    from termes
    union all by name
    select
        * exclude (code_qpv),
        code_qpv as code_montre
    from totaux
),

masquees as (
    select
        code_territoire,
        mesure,
        periode
    from {{ ref('int_masques') }}
    where etat <> 'publiable'
)

select distinct
    x.code_montre as code_territoire,
    x.perimetre,
    x.code_indicateur,
    x.periode
from exiges as x
left join {{ ref('int_masques') }} as m
    on
        x.code_territoire = m.code_territoire
        and x.perimetre = m.perimetre
        and x.terme = m.mesure
        and x.periode_terme = m.periode
where coalesce(m.etat, '') <> 'publiable'
union
select
    p.code_territoire,
    p.perimetre,
    p.code_indicateur,
    p.periode
from propres as p
inner join {{ ref('int_lieux_reunis') }} as r
    on p.code_territoire = r.code_territoire and p.perimetre = r.perimetre
inner join masquees as m
    on r.code_lu = m.code_territoire and p.terme = m.mesure and p.periode_terme = m.periode
