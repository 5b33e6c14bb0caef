{# CTE `attendus`: every mesure that the edition asks of a file of units, for every QPV and local
   perimeter, with its statut. Needs a CTE `totaux` (millesime, perimetre, code_qpv): what it names.
   `situes`: the départements in which its units have one. `hors_champ`: departments that the file leaves out.
   A perimeter of which the file names no QPV has no figure, not zeros; nor has a département in which
   it places no unit, for its QPV as for its local perimeters, which need points in it too.
   The département of a local perimeter that has no EPCI is not known: it is then a zone of its own. #}
{% macro mesures_de_comptage(source_id, situes, hors_champ) -%}
nommes as (
    select distinct
        t.millesime,
        q.perimetre,
        coalesce(q.code_departement, q.code_territoire) as zone
    from totaux as t
    inner join {{ ref('int_lieux_de_comptage') }} as q
        on t.code_qpv = q.code_territoire and t.perimetre = q.perimetre
),

couverts as (
    select distinct
        millesime,
        perimetre
    from nommes
    where perimetre <> ''
    union all
    select distinct
        millesime,
        '' as perimetre
    from {{ situes }}
),

zones_couvertes as (
    select * from nommes
    union
    select
        n.millesime,
        '' as perimetre,
        n.zone
    from nommes as n
    inner join {{ situes }} as s on n.millesime = s.millesime and n.zone = s.code_departement
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
        q.code_departement,
        d.*,
        f.fichier,
        f.sha256,
        case
            when q.code_departement in ('{{ hors_champ | join("', '") }}') then 'hors_champ'
            when c.millesime is null or z.millesime is null then 'non_disponible'
            else 'diffuse'
        end as statut,
        case
            when q.code_departement in ('{{ hors_champ | join("', '") }}')
                then 'la source ne couvre pas ce département'
            when c.millesime is null and q.perimetre = '' then 'le fichier lu ne situe aucune unité'
            when c.millesime is null then 'le fichier lu ne nomme aucun QPV de ce périmètre'
            when z.millesime is null and q.code_departement is null
                then 'le fichier lu n''y situe aucune unité, et le département de ce périmètre n''est pas connu'
            when z.millesime is null and q.perimetre = ''
                then 'le fichier lu ne donne le point d''aucune unité du département ' || q.code_departement
            when z.millesime is null
                then 'le fichier lu ne situe aucune unité dans les quartiers du département ' || q.code_departement
        end as motif
    from {{ ref('int_lieux_de_comptage') }} as q
    cross join demandes as d
    inner join fichiers as f on d.millesime = f.millesime
    left join couverts as c on d.millesime = c.millesime and q.perimetre = c.perimetre
    left join zones_couvertes as z
        on
            d.millesime = z.millesime
            and q.perimetre = z.perimetre
            and z.zone = coalesce(q.code_departement, q.code_territoire)
)
{%- endmacro %}
