"""The rows of every workbook, by EPCI, from the tables of a release."""

from __future__ import annotations

from warehouse.domain.types_territoire import wholes
from warehouse.release.connect import texte_sql
from warehouse.release.relations import Relation
from warehouse.release.series import LUES as SERIES_DE_LA_PUBLICATION
from warehouse.release.series import liens

ENTIERS = ", ".join(map(texte_sql, wholes()))
#: Quarters that an EPCI holds, even in part, then its sets, itself and what they are set beside:
#: their communes, départements, régions, France.
TERRITOIRES = f"""
create table territoires as
with epci as (
    select distinct code_epci as siren from publie_epci
    where perimetre in (select perimetre from publie_chiffres where type_territoire = 'qpv')
),
membres as (
    select code_epci as siren, code_qpv as code_territoire, perimetre, 1 as ordre
    from publie_epci
    union all
    select code_epci, code_territoire, perimetre, 2 from publie_territoires
    where type_territoire = 'perimetre_local'
    union all
    select siren, 'QPV@EPCI:' || siren, null, 3 from epci
    union all
    select siren, 'EPCI:' || siren, null, 4 from epci
    union all
    select distinct e.code_epci, g.code_reference, null, 4 + list_position([{ENTIERS}], g.reference)
    from publie_epci as e
    inner join publie_ecarts as g on e.code_qpv = g.code_territoire and e.perimetre = g.perimetre
    where g.reference <> 'epci'
)
select
    m.siren,
    m.ordre,
    t.code_territoire,
    t.perimetre,
    t.type_territoire,
    coalesce(t.libelle_long, t.libelle) as libelle
from membres as m
inner join epci on m.siren = epci.siren
inner join publie_territoires as t
    on m.code_territoire = t.code_territoire
    and (m.perimetre is null or m.perimetre = t.perimetre)
"""
INDICATEURS = "create table indicateurs as from publie_indicateurs"
CHIFFRES = """
create table chiffres as
select
    t.siren,
    t.code_territoire,
    t.libelle,
    i.theme,
    i.code_indicateur,
    i.libelle as indicateur,
    i.unite,
    f.periode,
    f.valeur,
    i.arrondi,
    f.statut,
    f.motif,
    f.source_id || ' ' || f.millesime as source
from territoires as t
inner join publie_chiffres as f
    on t.code_territoire = f.code_territoire and t.perimetre = f.perimetre
inner join indicateurs as i on f.code_indicateur = i.code_indicateur and f.periode = i.periode
where t.ordre < 5 or f.statut <> 'non_disponible'
order by t.siren, t.ordre, t.libelle, t.code_territoire, i.rang
"""
EVOLUTIONS = """
create table evolutions as
select
    t.siren,
    t.code_territoire,
    t.libelle,
    i.code_indicateur,
    i.libelle as indicateur,
    i.unite,
    e.periode_comparaison,
    e.periode,
    e.evolution_nb,
    e.evolution_pct,
    e.evolution_pts,
    i.arrondi,
    e.comparabilite,
    e.statut,
    e.motif
from territoires as t
inner join publie_evolutions_choisies as e
    on t.code_territoire = e.code_territoire and t.perimetre = e.perimetre
inner join indicateurs as i on e.code_indicateur = i.code_indicateur
where t.ordre < 5
    and (e.statut in ('diffuse', 'non_comparable') or starts_with(e.statut, 'secret'))
order by t.siren, t.ordre, t.libelle, t.code_territoire, i.rang
"""
_ENTRE = "code_territoire between $de and $a"
#: Every known period of what has two figures or more, with what it may be compared with; of some
#: territories at once, since those of a nation would not hold in memory.
_POINTS = f"""
with liens as (
    {liens(_ENTRE)}
)
select
    f.code_territoire,
    f.perimetre,
    f.code_indicateur,
    list({{
        'periode': f.periode, 'valeur': f.valeur, 'statut': f.statut, 'motif': f.motif,
        'depuis': l.comparable_depuis, 'source': f.source_id || ' ' || f.millesime
    }} order by f.periode) as points
from publie_chiffres as f
left join liens as l
    on f.code_territoire = l.code_territoire and f.perimetre = l.perimetre
    and f.code_indicateur = l.code_indicateur and f.periode = l.periode
where f.periode is not null and f.{_ENTRE}
group by f.code_territoire, f.perimetre, f.code_indicateur
having count(*) filter (f.statut = 'diffuse') > 1
"""
POINTS_VIDES = f"create table points as from ({_POINTS}) limit 0"
POINTS = f"insert into points {_POINTS}"
SERIES = """
create table series as
select
    t.siren,
    t.code_territoire,
    t.libelle,
    i.code_indicateur,
    i.libelle as indicateur,
    i.unite,
    i.arrondi,
    p.points
from territoires as t
inner join points as p on t.code_territoire = p.code_territoire and t.perimetre = p.perimetre
inner join indicateurs as i on p.code_indicateur = i.code_indicateur
order by t.siren, t.ordre, t.libelle, t.code_territoire, i.rang
"""
DEFINITIONS = """
select code_indicateur, libelle, theme, unite, definition, lecture, formule, citation, periode,
    periode_comparaison
from indicateurs order by rang
"""
SOURCES = """
select source_id, millesime, titre, fichier, etat, licence, page, sha256, remarque
from sources order by all
"""
LIBELLE = "select libelle from territoires where code_territoire = ?"
LIGNES = "select * exclude (siren) from {} where siren = ?"
#: Territories with figures, in the order of the sheets, and these.
TABLEAU_TERRITOIRES = """
select code_territoire, libelle, type_territoire from territoires
where siren = $1 and code_territoire in (select code_territoire from chiffres where siren = $1)
order by ordre, libelle, code_territoire
"""
TABLEAU_CHIFFRES = """
select code_territoire, code_indicateur, valeur, statut, source from chiffres where siren = ?
"""
LUES: list[Relation] = [
    *SERIES_DE_LA_PUBLICATION,
    "evolutions_choisies",
    "ecarts",
    "territoires",
    "indicateurs",
    "sources",
    "epci",
]
DECIMALES = "select code_indicateur, arrondi from indicateurs"
TIERCES = "select distinct source_id || ' ' || millesime from sources where confiance = 'tierce'"
