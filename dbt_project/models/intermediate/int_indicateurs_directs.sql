-- One row per territory × indicator with a formula × role: own value first, recomposed value for
-- the sets whose QPV are all in the files read. What a mask touches leaves here, for all that follows.
with complets as (
    select distinct code_ensemble from {{ ref('int_ensembles') }}
    where est_complet
),

propres as (
    select
        p.*,
        i.agregation,
        p.type_territoire in ('qpv_epci', 'qpv_departement', 'qpv_france') as est_ensemble,
        p.code_territoire in (select code_ensemble from complets) as est_complet
    from {{ ref('int_indicateurs_propres') }} as p
    inner join {{ ref('stg_edition__indicateurs') }} as i on p.code_indicateur = i.code_indicateur
),

choisis as (
    select
        p.code_territoire,
        p.type_territoire,
        p.perimetre,
        p.code_indicateur,
        p.role,
        case
            when p.statut = 'diffuse' or not p.est_ensemble then 'propre'
            when p.agregation = 'aucune' then 'non_recomposable'
            when not p.est_complet then 'incomplet'
            else 'recompose'
        end as voie,
        p.valeur as valeur_propre,
        p.statut as statut_propre,
        p.motif as motif_propre,
        p.source_id as source_propre,
        p.millesime as millesime_propre,
        r.valeur,
        r.statut,
        r.motif,
        r.source_id,
        r.millesime,
        r.exclus
    from propres as p
    left join {{ ref('int_indicateurs_recomposes') }} as r
        on
            p.code_territoire = r.code_territoire
            and p.perimetre = r.perimetre
            and p.code_indicateur = r.code_indicateur
            and p.role = r.role
),

reunis as (
    select
        code_territoire,
        type_territoire,
        perimetre,
        code_indicateur,
        role,
        case voie when 'propre' then valeur_propre when 'recompose' then valeur end as valeur,
        case voie
            when 'propre' then statut_propre
            when 'recompose' then statut
            else 'non_disponible'
        end as statut,
        case voie
            when 'propre' then motif_propre
            when 'recompose' then motif
            when 'incomplet'
                then 'les fichiers lus ne contiennent pas tous les QPV de cet ensemble'
            else 'une médiane, ou un taux publié sans ses effectifs, ne se recompose pas'
        end as motif,
        if(voie = 'recompose', source_id, source_propre) as source_id,
        if(voie = 'recompose', millesime, millesime_propre) as millesime,
        if(voie = 'recompose', exclus, '') as exclus
    from choisis
    union all by name
    select
        *,
        '' as exclus
    from {{ ref('int_parts_ensemble') }}
)

select
    r.code_territoire,
    r.type_territoire,
    r.perimetre,
    r.code_indicateur,
    r.role,
    if(est_masque, null, r.valeur) as valeur,
    if(est_masque, 'secret', r.statut) as statut,
    if(est_masque, '{{ motif_du_secret() }}', r.motif) as motif,
    r.source_id,
    r.millesime,
    if(est_masque, '', r.exclus) as exclus
from (
    select
        r.*,
        r.statut = 'diffuse' and s.code_indicateur is not null as est_masque
    from reunis as r
    left join {{ ref('int_secrets') }} as s
        on
            r.code_territoire = s.code_territoire
            and r.perimetre = s.perimetre
            and r.code_indicateur = s.code_indicateur
            and r.role = s.role
) as r
