-- One row per territory × indicator with a formula × period: own value first, recomposed value for
-- the sets whose QPV are all in the files read. What a mask touches leaves here, for all that follows.
with complets as (
    select distinct code_ensemble from {{ ref('int_ensembles') }}
    where est_complet
),

-- What the quarters of a set say of a figure that none of them has: the set has no other reason.
quartiers as (
    select
        e.code_ensemble,
        e.type_territoire,
        e.perimetre,
        p.code_indicateur,
        p.periode,
        bool_or(p.statut = 'diffuse') as est_connu,
        arg_min(p.statut, {{ rang_de_motif('p.statut', code='p.code_territoire') }}) as statut,
        arg_min(p.motif, {{ rang_de_motif('p.statut', code='p.code_territoire') }}) as motif
    from {{ ref('int_ensembles') }} as e
    inner join {{ ref('int_indicateurs_propres') }} as p
        on e.code_qpv = p.code_territoire and e.perimetre = p.perimetre
    inner join {{ ref('stg_edition__indicateurs') }} as i on p.code_indicateur = i.code_indicateur
    where i.agregation = 'aucune'
    group by all
),

-- A set of which no file speaks is what its quarters make it.
tous as (
    select * from {{ ref('int_indicateurs_propres') }}
    union all by name
    select
        r.code_territoire,
        r.type_territoire,
        r.perimetre,
        r.code_indicateur,
        r.periode,
        'non_disponible' as statut
    from {{ ref('int_indicateurs_recomposes') }} as r
    anti join {{ ref('int_indicateurs_propres') }} as p
        on
            r.code_territoire = p.code_territoire
            and r.perimetre = p.perimetre
            and r.code_indicateur = p.code_indicateur
            and r.periode = p.periode
    union all by name
    select
        q.code_ensemble as code_territoire,
        q.type_territoire,
        q.perimetre,
        q.code_indicateur,
        q.periode,
        'non_disponible' as statut
    from quartiers as q
    anti join {{ ref('int_indicateurs_propres') }} as p
        on
            q.code_ensemble = p.code_territoire
            and q.perimetre = p.perimetre
            and q.code_indicateur = p.code_indicateur
            and q.periode = p.periode
),

propres as (
    select
        p.*,
        i.agregation,
        i.type,
        p.code_indicateur in (
            select code_indicateur from {{ ref('stg_edition__termes') }}
            where cote = 'den'
        ) as a_denominateur,
        t.ensemble is not null as est_ensemble,
        p.code_territoire in (select code_ensemble from complets) as est_complet
    from tous as p
    inner join {{ ref('stg_edition__indicateurs') }} as i on p.code_indicateur = i.code_indicateur
    inner join {{ ref('stg_edition__types_territoire') }} as t on p.type_territoire = t.type_territoire
),

choisis as (
    select
        {{ cle_du_chiffre('p') }},
        case
            when p.statut = 'diffuse' or not p.est_ensemble then 'propre'
            when p.agregation = 'aucune' and coalesce(q.est_connu, true) then 'non_recomposable'
            when p.agregation = 'aucune' then 'sans_chiffre'
            when not p.est_complet then 'incomplet'
            else 'recompose'
        end as voie,
        p.valeur as valeur_propre,
        p.statut as statut_propre,
        p.motif as motif_propre,
        p.source_id as source_propre,
        p.millesime as millesime_propre,
        p.champ,
        p.type,
        p.a_denominateur,
        q.statut as statut_quartiers,
        q.motif as motif_quartiers,
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
            and p.periode = r.periode
    left join quartiers as q
        on
            p.code_territoire = q.code_ensemble
            and p.perimetre = q.perimetre
            and p.code_indicateur = q.code_indicateur
            and p.periode = q.periode
),

reunis as (
    select
        {{ cle_du_chiffre() }},
        case voie when 'propre' then valeur_propre when 'recompose' then valeur end as valeur,
        case voie
            when 'propre' then statut_propre
            when 'recompose' then statut
            when 'sans_chiffre'
                then if(statut_quartiers = 'hors_champ', 'hors_champ', 'non_disponible')
            else 'non_disponible'
        end as statut,
        case voie
            when 'propre' then motif_propre
            when 'recompose' then motif
            when 'incomplet'
                then 'les fichiers lus ne contiennent pas tous les QPV de cet ensemble'
            when 'sans_chiffre'
                then
                    if(
                        statut_quartiers = 'non_disponible',
                        motif_quartiers,
                        'aucun QPV de cet ensemble n''a ce chiffre : ' || motif_quartiers
                    )
            else {{ ne_se_recompose_pas('type', 'a_denominateur') }}
        end as motif,
        if(voie = 'recompose', source_id, source_propre) as source_id,
        if(voie = 'recompose', millesime, millesime_propre) as millesime,
        -- What a figure covers, where it may differ from one date to the other.
        if(voie = 'recompose', exclus, coalesce(champ, '')) as exclus
    from choisis
    union all by name
    select
        *,
        '' as exclus
    from {{ ref('int_parts_ensemble') }}
)

select
    {{ cle_du_chiffre('r') }},
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
            and r.periode = s.periode
) as r
