-- One row per EPCI or commune × two years of compositions between which its communes are not the same:
-- which came in, which left. A commune that is no more lies where the one that it is part of does; one of
-- which nothing is known did not move.
with positions as (
    select
        code_commune,
        millesime as annee,
        libelle_commune,
        code_epci
    from {{ ref('stg_insee__compositions') }}
),

parentes as (
    select
        code_commune,
        code_parente
    from {{ ref('stg_insee__cog_communes') }}
    where code_parente is not null
),

annees as (
    select
        a.annee as avant,
        b.annee as apres
    from (select distinct annee from positions) as a
    inner join (select distinct annee from positions) as b on a.annee < b.annee
),

suivies as (
    select
        y.avant,
        y.apres,
        p.code_commune,
        p.libelle_commune,
        p.code_epci as epci_avant,
        coalesce(m.code_commune, n.code_commune) as commune_apres,
        if(m.code_commune is not null, m.code_epci, n.code_epci) as epci_apres
    from annees as y
    inner join positions as p on y.avant = p.annee
    left join positions as m on y.apres = m.annee and p.code_commune = m.code_commune
    left join parentes as e on p.code_commune = e.code_commune
    left join positions as n on y.apres = n.annee and e.code_parente = n.code_commune
    where m.code_commune is not null or n.code_commune is not null
),

mouvements as (
    select
        'EPCI:' || epci_apres as code_territoire,
        avant,
        apres,
        libelle_commune,
        true as entre
    from suivies
    where epci_apres is not null and epci_avant is distinct from epci_apres
    union all
    select
        'EPCI:' || epci_avant as code_territoire,
        avant,
        apres,
        libelle_commune,
        false as entre
    from suivies
    where epci_avant is not null and epci_avant is distinct from epci_apres
    union all
    select
        'COM:' || commune_apres as code_territoire,
        avant,
        apres,
        libelle_commune,
        true as entre
    from suivies
    where code_commune <> commune_apres
),

-- One that is not there at both dates has no outline to compare.
connus as (
    select
        'EPCI:' || code_epci as code_territoire,
        annee
    from positions
    where code_epci is not null
    group by all
    union all
    select
        'COM:' || code_commune as code_territoire,
        annee
    from positions
),

comptes as (
    select
        m.code_territoire,
        m.avant,
        m.apres,
        m.entre,
        count(*) as nb,
        list(m.libelle_commune order by m.libelle_commune) as noms
    from mouvements as m
    semi join connus as a on m.code_territoire = a.code_territoire and m.avant = a.annee
    semi join connus as b on m.code_territoire = b.code_territoire and m.apres = b.annee
    group by all
),

dits as (
    select
        *,
        case
            when nb > 3 then nb || ' communes sont ' || if(entre, 'entrées', 'sorties')
            when nb = 1 then noms[1] || ' est ' || if(entre, 'entrée', 'sortie')
            else
                array_to_string(list_slice(noms, 1, nb - 1), ', ') || ' et ' || noms[nb] || ' sont '
                || if(entre, 'entrées', 'sorties')
        end as dit
    from comptes
)

select
    code_territoire,
    avant,
    apres,
    'contour changé entre ' || avant || ' et ' || apres || ' : '
    || string_agg(dit, ' ; ' order by entre desc) as motif
from dits
group by code_territoire, avant, apres
