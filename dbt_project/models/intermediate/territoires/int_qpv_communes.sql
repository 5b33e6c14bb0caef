-- One row per QPV in force and commune, from the longest list that names its communes. Producers
-- write lists with ; or , or nothing between, and lose a leading zero. A list that never names two
-- communes of one quarter only names the first: it proves no quarter whole.
with listes as (
    select
        code_qpv,
        perimetre,
        codes_communes,
        1 as ordre
    from {{ ref('int_qpv') }}
    where not est_ancien
    union all
    select
        a.code_qpv,
        a.perimetre,
        a.codes_communes,
        2 as ordre
    from {{ ref('stg_insee__qpv_epci') }} as a
    inner join {{ ref('int_qpv') }} as q on a.code_qpv = q.code_qpv and a.perimetre = q.perimetre
    where not q.est_ancien
    union all
    select
        t.code_qpv,
        t.perimetre,
        t.codes_communes,
        3 as ordre
    from {{ ref('stg_insee__appartenance') }} as t
    inner join {{ ref('int_qpv') }} as q on t.code_qpv = q.code_qpv and t.perimetre = q.perimetre
    where not q.est_ancien
),

morceaux as (
    select
        code_qpv,
        perimetre,
        ordre,
        unnest(morceaux) as morceau,
        generate_subscripts(morceaux, 1) as rang_morceau
    from (
        select
            *,
            regexp_extract_all(regexp_replace(codes_communes, '\.0\b', '', 'g'), '[0-9][0-9AB]*') as morceaux
        from listes
    ) as decoupees
),

-- Four characters, or nine put end to end, have lost their first zero.
eclates as (
    select
        code_qpv,
        perimetre,
        ordre,
        rang_morceau,
        case length(morceau) % 5
            when 0 then regexp_extract_all(morceau, '.{5}')
            when 4 then regexp_extract_all('0' || morceau, '.{5}')
            else [morceau]
        end as codes
    from morceaux
),

codes as (
    select
        code_qpv,
        perimetre,
        ordre,
        rang_morceau,
        unnest(codes) as code_commune,
        generate_subscripts(codes, 1) as rang_code
    from eclates
),

distincts as (
    select
        code_qpv,
        perimetre,
        ordre,
        code_commune,
        min(100 * rang_morceau + rang_code) as place
    from codes
    group by code_qpv, perimetre, ordre, code_commune
),

comptes as (
    select
        *,
        count(*) over (partition by code_qpv, perimetre, ordre) as nb_communes
    from distincts
),

juges as (
    select
        *,
        max(nb_communes) over (partition by perimetre, ordre) > 1 as est_complete
    from comptes
),

choisis as (
    select
        *,
        dense_rank() over (
            partition by code_qpv, perimetre
            order by est_complete desc, nb_communes desc, ordre asc
        ) as preference
    from juges
)

select
    code_qpv,
    perimetre,
    code_commune,
    row_number() over (partition by code_qpv, perimetre order by place asc)::integer as rang,
    est_complete
from choisis
where preference = 1
