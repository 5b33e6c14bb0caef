-- One row per QPV and perimeter. The list comes first; contours give the QPV that no list has. A code
-- of the list before it, once read what replaces it, is kept apart where a file still writes it.
with liste as (
    select
        code_qpv,
        perimetre,
        libelle,
        codes_communes,
        code_epci
    from {{ ref('stg_anct__liste_qpv') }}
),

contours as (
    select
        code_qpv,
        perimetre,
        libelle,
        codes_communes,
        code_epci
    from {{ ref('stg_anct__contours') }}
),

lus as (
    select * from liste
    union all
    select * from contours
    where code_qpv not in (select code_qpv from liste)
),

anciens as (
    select
        a.code_qpv,
        a.perimetre,
        a.territoire
    from {{ ref('stg_edition__anciens_codes') }} as a
    where
        a.nature = 'ancien'
        and a.groupe in (
            select r.groupe
            from {{ ref('stg_edition__anciens_codes') }} as r
            inner join lus on r.code_qpv = lus.code_qpv and r.perimetre = lus.perimetre
            where r.nature = 'remplacant'
        )
),

ecrits as (
    select
        a.code_qpv,
        a.perimetre,
        coalesce(
            coalesce(lus.libelle, t.libelle) || ' (ancien code)',
            'Ancien quartier de ' || a.territoire || ' ' || a.code_qpv
        ) as libelle
    from anciens as a
    left join lus on a.code_qpv = lus.code_qpv and a.perimetre = lus.perimetre
    left join {{ ref('stg_insee__appartenance') }} as t
        on a.code_qpv = t.code_qpv and a.perimetre = t.perimetre
    where a.code_qpv in (select m.code_territoire from {{ ref('stg_registre__mesures') }} as m)
),

reunis as (
    select
        *,
        false as est_ancien
    from lus
    where code_qpv not in (select a.code_qpv from anciens as a)
    union all by name
    select
        *,
        true as est_ancien
    from ecrits
),

departements as (
    select
        *,
        regexp_replace(substr(code_qpv, 3, 3), '^0', '') as code_departement
    from reunis
)

select
    code_qpv,
    perimetre,
    libelle,
    codes_communes,
    code_epci,
    code_departement,
    code_departement !~ '9[78].' as est_metropole,
    est_ancien
from departements
