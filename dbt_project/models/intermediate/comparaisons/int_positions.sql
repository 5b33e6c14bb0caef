-- One row per quarter × rate or amount put forward that is better high or better low: its rank among
-- the quarters of France, of its size and like it, 1 being the least favourable; and, since the
-- earlier period that it may be compared with, whether it moved as the others did.
with chiffres as (
    select
        *,
        if(sens = 'favorable', -valeur, valeur) as charge
    from {{ ref('int_chiffres_de_quartier') }}
    where sens <> 'neutre'
),

tailles as (
    select
        code_qpv,
        perimetre,
        {{ classe_de_taille('valeur') }} as classe_taille
    from {{ ref('int_chiffres_de_quartier') }}
    where code_indicateur = 'population_municipale'
),

rangs as (
    select
        c.*,
        t.classe_taille,
        rank() over (partition by c.code_indicateur order by c.charge desc) as rang_france,
        count(*) over (partition by c.code_indicateur) as nb_france,
        rank() over (partition by c.code_indicateur, t.classe_taille order by c.charge desc) as rang_taille,
        count(*) over (partition by c.code_indicateur, t.classe_taille) as nb_taille
    from chiffres as c
    left join tailles as t on c.code_qpv = t.code_qpv and c.perimetre = t.perimetre
),

semblables as (
    select
        c.code_qpv,
        c.perimetre,
        c.code_indicateur,
        1 + count(*) filter (v.charge > c.charge) as rang_semblables,
        1 + count(*) as nb_semblables
    from chiffres as c
    inner join {{ ref('int_semblables') }} as s on c.code_qpv = s.code_qpv and c.perimetre = s.perimetre
    inner join chiffres as v
        on
            s.code_semblable = v.code_qpv
            and s.perimetre = v.perimetre
            and c.code_indicateur = v.code_indicateur
    group by all
),

-- The edition's own comparison first, where it is allowed; else the nearest that is.
evolutions as (
    select
        e.code_territoire as code_qpv,
        e.perimetre,
        e.code_indicateur,
        e.periode_comparaison,
        if(c.sens = 'favorable', -1, 1)
        * case c.type
            when 'part' then e.evolution_pts
            when 'montant' then e.evolution_pct
            else e.evolution_nb
        end as charge
    from {{ ref('int_evolutions') }} as e
    inner join chiffres as c
        on
            e.code_territoire = c.code_qpv
            and e.perimetre = c.perimetre
            and e.code_indicateur = c.code_indicateur
    where e.statut = 'diffuse' and (e.en_avant or e.precedente)
    qualify row_number() over (
        partition by e.code_territoire, e.perimetre, e.code_indicateur order by e.en_avant desc
    ) = 1
),

mouvements as (
    select
        *,
        rank() over (partition by code_indicateur, periode_comparaison order by charge desc) as rang,
        count(*) over (partition by code_indicateur, periode_comparaison) as nb
    from evolutions
    where charge is not null
),

reunis as (
    select
        r.* exclude (charge, sens, structure, type, rang_taille, nb_taille),
        if(r.classe_taille is null, null, r.rang_taille) as rang_taille,
        if(r.classe_taille is null, null, r.nb_taille) as nb_taille,
        s.rang_semblables,
        s.nb_semblables,
        m.periode_comparaison,
        m.rang as rang_mouvement,
        m.nb as nb_mouvement
    from rangs as r
    left join semblables as s
        on r.code_qpv = s.code_qpv and r.perimetre = s.perimetre and r.code_indicateur = s.code_indicateur
    left join mouvements as m
        on r.code_qpv = m.code_qpv and r.perimetre = m.perimetre and r.code_indicateur = m.code_indicateur
),

cinquiemes as (
    select
        *,
        {{ cinquieme('rang_france', 'nb_france') }} as cinquieme_france,
        {{ cinquieme('rang_taille', 'nb_taille') }} as cinquieme_taille,
        {{ cinquieme('rang_semblables', 'nb_semblables') }} as cinquieme_semblables,
        {{ cinquieme('rang_mouvement', 'nb_mouvement') }} as cinquieme_mouvement
    from reunis
)

select
    *,
    case
        when cinquieme_france = 1 then 'defavorable'
        when cinquieme_france = 5 then 'favorable'
        when cinquieme_france is not null then 'intermediaire'
    end as niveau,
    case
        when cinquieme_mouvement = 1 then 'moins_bien'
        when cinquieme_mouvement = 5 then 'mieux'
        when cinquieme_mouvement is not null then 'comme_les_autres'
    end as mouvement
from cinquiemes
