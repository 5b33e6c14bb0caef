-- One row per territory × indicator × role × term of its formula, whether the cell is there or not.
with territoires as (
    select
        code_territoire,
        type_territoire,
        perimetre
    from {{ ref('int_territoires') }}
    where perimetre = '' or perimetre = (select perimetre from {{ ref('stg_edition__parametres') }})
),

roles as (
    select
        code_indicateur,
        'niveau' as role
    from {{ ref('stg_edition__indicateurs') }}
    union
    select
        code_indicateur,
        role
    from {{ ref('int_periodes_indicateurs') }}
),

-- A source follows one list of quarters: where it writes codes of one, those of the other are not in it.
listes_suivies as (
    select distinct
        m.mesure,
        m.role,
        a.groupe,
        a.nature
    from {{ ref('int_mesures') }} as m
    inner join {{ ref('stg_edition__anciens_codes') }} as a
        on m.code_territoire = a.code_qpv and m.perimetre = a.perimetre
),

d_une_autre_liste as (
    select
        a.code_qpv,
        a.perimetre,
        a.motif,
        s.mesure,
        s.role
    from {{ ref('stg_edition__anciens_codes') }} as a
    inner join listes_suivies as s on a.groupe = s.groupe and a.nature <> s.nature
),

attendus as (
    select
        t.code_territoire,
        t.type_territoire,
        t.perimetre,
        te.code_indicateur,
        r.role,
        te.cote,
        te.terme,
        te.coefficient,
        te.ordre
    from territoires as t
    cross join {{ ref('stg_edition__termes') }} as te
    inner join roles as r on te.code_indicateur = r.code_indicateur
)

select
    a.*,
    m.valeur,
    case
        when m.statut is not null then m.statut
        when l.motif is not null then 'non_disponible'
        else coalesce(d.statut, 'non_disponible')
    end as statut,
    case
        when m.statut is not null then m.motif
        when l.motif is not null then l.motif
        when d.motif is not null then d.motif
        else 'aucune source de cette édition ne donne ce chiffre pour ce territoire'
    end as motif,
    m.champ,
    m.statut is not null as est_lu,
    m.source_id,
    m.millesime
from attendus as a
left join {{ ref('int_mesures') }} as m
    on
        a.code_territoire = m.code_territoire
        and a.perimetre = m.perimetre
        and a.terme = m.mesure
        and a.role = m.role
left join {{ ref('int_disponibilites') }} as d
    on
        a.terme = d.mesure
        and a.role = d.role
        and a.type_territoire = d.type_territoire
left join d_une_autre_liste as l
    on
        a.code_territoire = l.code_qpv
        and a.perimetre = l.perimetre
        and a.terme = l.mesure
        and a.role = l.role
