-- One row per commune, in force or not: its name, the commune that it is part of (`code_rattachement`,
-- itself where it is none's), and its EPCI (the territory, in Grand Paris) in the newest composition
-- read; older ones serve what it lacks.
with compositions as (
    select
        *,
        max(millesime) over () as millesime_en_vigueur
    from {{ ref('stg_insee__epci') }}
    qualify row_number() over (partition by code_commune order by millesime desc) = 1
),

territoires as (
    select
        code_commune,
        code_ept
    from {{ ref('stg_insee__ept') }}
    qualify row_number() over (partition by code_commune order by millesime desc) = 1
),

codes as (
    select code_commune from compositions
    union
    select code_commune from {{ ref('stg_insee__cog_communes') }}
),

reunis as (
    select
        codes.code_commune,
        coalesce(k.libelle_commune, g.libelle_commune) as libelle_commune,
        g.code_parente,
        k.code_epci as code_epci_propre,
        k.code_departement,
        k.millesime,
        p.libelle_commune as libelle_parente,
        p.code_epci as code_epci_parente,
        coalesce(k.millesime = k.millesime_en_vigueur, false) as est_en_vigueur,
        coalesce(p.millesime = p.millesime_en_vigueur, false) as a_une_parente,
        (select max(millesime) from {{ ref('stg_insee__epci') }}) as millesime_en_vigueur
    from codes
    left join compositions as k on codes.code_commune = k.code_commune
    left join {{ ref('stg_insee__cog_communes') }} as g on codes.code_commune = g.code_commune
    left join compositions as p on g.code_parente = p.code_commune
),

rattachees as (
    select
        *,
        if(not est_en_vigueur and a_une_parente, code_parente, code_commune) as code_rattachement,
        if(not est_en_vigueur and a_une_parente, code_epci_parente, code_epci_propre) as code_epci_fiscal
    from reunis
)

select
    r.code_commune,
    r.libelle_commune,
    r.code_rattachement,
    r.code_departement,
    coalesce(t.code_ept, r.code_epci_fiscal) as code_epci,
    r.code_epci_fiscal,
    case
        when r.est_en_vigueur and r.code_epci_fiscal is null
            then 'sans intercommunalité à fiscalité propre dans la composition ' || r.millesime
        when r.est_en_vigueur then null
        when r.a_une_parente
            then
                'rattachée par la commune dont elle fait partie, ' || r.libelle_parente
                || ' (' || r.code_parente || ')'
        when r.millesime is not null
            then
                'absente de la composition ' || r.millesime_en_vigueur
                || ', rattachée par celle de ' || r.millesime
        when r.code_parente is not null
            then 'partie de la commune ' || r.code_parente || ', que les compositions lues n''ont pas'
        else 'au code officiel géographique, absente des compositions lues'
    end as motif_rattachement
from rattachees as r
left join territoires as t on r.code_rattachement = t.code_commune
