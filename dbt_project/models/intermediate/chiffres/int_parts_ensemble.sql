-- Indicators whose denominator is the whole set of QPV of the EPCI: one row per territory × period.
with indicateurs as (
    select * from {{ ref('stg_edition__indicateurs') }}
    where den_ensemble
),

cellules as (
    select
        t.*,
        i.facteur
    from {{ ref('int_termes') }} as t
    inner join indicateurs as i on t.code_indicateur = i.code_indicateur
    where t.cote = 'num'
    union all by name
    select
        a.*,
        i.facteur
    from {{ ref('int_absences') }} as a
    inner join indicateurs as i on a.code_indicateur = i.code_indicateur
),

membres as (
    select
        code_ensemble,
        code_qpv,
        perimetre
    from {{ ref('int_ensembles') }}
    where type_territoire = 'qpv_epci' and est_complet
),

totaux as (
    select
        m.code_ensemble,
        c.code_indicateur,
        c.periode,
        sum(c.valeur) as total,
        bool_and(c.statut = 'diffuse') as est_connu,
        count(*) filter (c.statut <> 'diffuse') as nb_manquants,
        arg_min(c.statut, {{ rang_de_motif('c.statut', code='c.code_territoire') }}) filter (
            c.statut <> 'diffuse'
        ) as statut_manquant,
        arg_min(c.motif, {{ rang_de_motif('c.statut', code='c.code_territoire') }}) filter (
            c.statut <> 'diffuse'
        ) as motif_manquant
    from cellules as c
    inner join membres as m on c.code_territoire = m.code_qpv and c.perimetre = m.perimetre
    group by m.code_ensemble, c.code_indicateur, c.periode
),

principal as (
    select
        code_qpv,
        perimetre,
        'QPV@EPCI:' || arg_min(code_epci, rang) as code_ensemble,
        count(*) as nb_epci
    from {{ ref('int_qpv_epci') }}
    group by code_qpv, perimetre
),

rattaches as (
    select
        c.*,
        p.nb_epci,
        t.total,
        t.est_connu,
        t.nb_manquants,
        t.statut_manquant,
        t.motif_manquant
    from cellules as c
    left join principal as p on c.code_territoire = p.code_qpv and c.perimetre = p.perimetre
    left join totaux as t
        on
            coalesce(p.code_ensemble, c.code_territoire) = t.code_ensemble
            and c.code_indicateur = t.code_indicateur
            and c.periode = t.periode
)

select
    {{ cle_du_chiffre() }},
    case
        when type_territoire = 'qpv' and statut = 'diffuse' and est_connu then facteur * valeur / total
        when type_territoire = 'qpv_epci' and est_connu then facteur::double
    end as valeur,
    case
        when type_territoire not in ('qpv', 'qpv_epci') then 'sans_objet'
        when type_territoire = 'qpv' and statut <> 'diffuse' then statut
        when est_connu then 'diffuse'
        when est_connu is null then 'non_disponible'
        else statut_manquant
    end as statut,
    case
        when type_territoire not in ('qpv', 'qpv_epci')
            then 'part d''un QPV dans son EPCI : sans objet pour ce territoire'
        when type_territoire = 'qpv' and statut <> 'diffuse' then motif
        when est_connu and nb_epci > 1
            then 'ce QPV touche ' || nb_epci || ' EPCI : part dans l''ensemble du premier'
        when est_connu then null
        when type_territoire = 'qpv' and nb_epci is null then 'aucun EPCI connu pour ce QPV'
        when est_connu is null then 'l''ensemble des QPV de l''EPCI n''est pas complet dans les fichiers lus'
        else
            'total de l''ensemble inconnu : ' || nb_manquants || ' QPV sans population diffusée'
            || coalesce(' (' || motif_manquant || ')', '')
    end as motif,
    source_id,
    millesime
from rattaches
