{# CTE `attendus`: every mesure that the edition asks of a file of units, for every QPV and local
   perimeter, with its statut. Needs a CTE `totaux` (millesime, perimetre, code_qpv). `points`: where
   the file's units have a point. `hors_champ`: departments that the file leaves out. A perimeter of
   which the file names no QPV has no figure, not zeros; so has a local one in a file without points. #}
{% macro mesures_de_comptage(source_id, points, hors_champ) -%}
couverts as (
    select distinct
        t.millesime,
        t.perimetre
    from totaux as t
    inner join {{ ref('int_qpv') }} as q on t.code_qpv = q.code_qpv and t.perimetre = q.perimetre
    union all
    select distinct
        millesime,
        '' as perimetre
    from {{ points }}
    where x is not null and exists(select 1 from {{ ref('int_perimetres_locaux') }})
),

fichiers as (
    select
        millesime,
        fichier,
        sha256
    from {{ ref('stg_edition__fichiers') }}
    where source_id = '{{ source_id }}' and etat = 'lue'
),

demandes as (
    {{ demandes("source_id = '" ~ source_id ~ "'") }}
),

attendus as (
    select
        q.code_territoire,
        q.perimetre,
        d.*,
        f.fichier,
        f.sha256,
        case
            when q.code_departement in ('{{ hors_champ | join("', '") }}') then 'hors_champ'
            when c.millesime is null then 'non_disponible'
            else 'diffuse'
        end as statut,
        case
            when q.code_departement in ('{{ hors_champ | join("', '") }}')
                then 'la source ne couvre pas ce département'
            when c.millesime is null and q.perimetre = '' then 'le fichier lu ne situe aucune unité'
            when c.millesime is null then 'le fichier lu ne nomme aucun QPV de ce périmètre'
        end as motif
    from {{ ref('int_lieux_de_comptage') }} as q
    cross join demandes as d
    inner join fichiers as f on d.millesime = f.millesime
    left join couverts as c on d.millesime = c.millesime and q.perimetre = c.perimetre
)
{%- endmacro %}
