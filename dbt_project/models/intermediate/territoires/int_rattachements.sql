-- One row per territory and thing to say of its EPCI: why a QPV has none, by what it was found, a
-- SIREN that nobody names or that the newest composition no longer has, in lists and in figures.
with quartiers as (
    select
        q.code_qpv,
        q.perimetre,
        count(e.code_epci) > 0 as a_un_epci
    from {{ ref('int_qpv') }} as q
    left join {{ ref('int_qpv_epci') }} as e on q.code_qpv = e.code_qpv and q.perimetre = e.perimetre
    where not q.est_ancien
    group by q.code_qpv, q.perimetre
),

communes as (
    select
        c.code_qpv,
        c.perimetre,
        c.rang,
        c.code_commune || coalesce(' ' || k.libelle_commune, '') as commune,
        k.code_commune is not null as est_connue,
        k.code_epci,
        k.motif_rattachement
    from {{ ref('int_qpv_communes') }} as c
    left join {{ ref('int_communes') }} as k on c.code_commune = k.code_commune
),

places as (
    select
        code_qpv as code_territoire,
        code_epci
    from {{ ref('int_qpv_epci') }}
    union all
    select
        code_perimetre as code_territoire,
        code_epci
    from {{ ref('int_perimetres_locaux') }}
    where code_epci is not null
),

chiffres as (
    select distinct
        code_territoire,
        fichier
    from {{ ref('stg_registre__mesures') }}
    where starts_with(code_territoire, 'EPCI:')
),

en_vigueur as (
    select max(millesime) as millesime from {{ ref('stg_insee__epci') }}
)

select
    q.code_qpv as code_territoire,
    case
        when c.code_qpv is null then 'sans EPCI : ni EPCI ni commune dans les listes lues'
        when not c.est_connue
            then
                if(q.a_un_epci, '', 'sans EPCI : ') || 'commune ' || c.commune
                || ' inconnue des compositions et du code officiel géographique lus'
        when not q.a_un_epci then 'sans EPCI : commune ' || c.commune || ', ' || c.motif_rattachement
        else 'commune ' || c.commune || ', ' || c.motif_rattachement
    end as constat
from quartiers as q
left join communes as c on q.code_qpv = c.code_qpv and q.perimetre = c.perimetre
where (c.code_qpv is null and not q.a_un_epci) or not c.est_connue or c.motif_rattachement is not null
union all
select
    e.code_territoire,
    case
        when l.code_epci is null then 'EPCI ' || e.code_epci || ' qu''aucun fichier lu ne nomme'
        else
            'EPCI ' || e.code_epci || ' (' || l.libelle || '), absent des compositions après '
            || l.millesime_composition
    end as constat
from places as e
left join {{ ref('int_epci') }} as l on e.code_epci = l.code_epci
where l.code_epci is null or l.est_disparu
union all
select
    c.code_territoire,
    'chiffres de ' || c.fichier || ' : SIREN absent de la composition ' || v.millesime as constat
from chiffres as c
cross join en_vigueur as v
left join {{ ref('int_epci') }} as l on replace(c.code_territoire, 'EPCI:', '') = l.code_epci
where v.millesime is not null and (l.code_epci is null or l.est_disparu)
union all
select
    code_qpv as code_territoire,
    'EPCI « ' || code_epci || ' » de la liste des QPV, qui n''est pas un SIREN' as constat
from {{ ref('int_qpv') }}
where
    code_epci !~ '.*\d{9}.*'
    and upper(trim(code_epci)) not in ('', 'NA', 'ZZZZZZZZZ')
