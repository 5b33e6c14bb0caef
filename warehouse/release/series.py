"""Which two points of a published series may be joined, from what the release says.

Rules are between periods of an indicator (`dim_comparabilite`); what is said of a figure itself
(`fct_evolution`: its communes changed, other quarters are left aside) goes before them. Where the
quarters that a set leaves aside are counted and not named, nothing says that they are the same.
Nor does a producer's own line of the EPCI with a quarter say which they are.
"""

from __future__ import annotations

from functools import cache

from warehouse.domain.perimetres import perimetres
from warehouse.release.connect import texte_sql
from warehouse.release.relations import Relation

#: Relations to expose before `liens` is asked.
LUES: tuple[Relation, ...] = ("chiffres", "evolutions", "comparabilites")

#: Why two points are not joined, where no table of the release has the words.
REFUS = (
    "aucune règle ne dit si ces deux périodes se comparent",
    "la ligne du producteur ne couvre pas les mêmes QPV aux deux dates",
    "les QPV laissés de côté ne sont pas les mêmes aux deux dates",
    "rien ne dit que les QPV laissés de côté sont les mêmes aux deux dates",
    "rien ne dit que ces deux chiffres portent sur les mêmes EPCI",
)
#: What a set says of the quarters that it leaves aside; read once of a point, not of each pair.
_RESTE = """if(contains(motif, 'calculé sur '),
        rtrim(regexp_extract(motif, 'calculé sur [^;]*')), '')"""

_COUPLES = """
with points as (
    select code_territoire, type_territoire, perimetre, code_indicateur, periode, motif,
        if(type_territoire = 'qpv' and perimetre in ({lettres}), right(code_territoire, 1), '')
            as relation,
        coalesce({reste}, '') as reste,
        coalesce(starts_with(motif, 'somme de ses '), false) as est_somme
    from publie_chiffres
    where statut = 'diffuse' and {ou}
),
couples as (
    select n.code_territoire, n.perimetre, n.code_indicateur, n.periode, b.periode as avant,
        case
            when e.statut = 'diffuse' then null
            when e.statut is not null then coalesce(e.motif, e.statut)
            when c.comparabilite is null
                then {refus[0]}
            when c.comparabilite = 'non_comparable' then coalesce(c.motif, c.comparabilite)
            when n.type_territoire = 'qpv_producteur' and n.motif is distinct from b.motif
                then {refus[1]}
            when n.reste <> b.reste
                then {refus[2]}
            when n.reste <> '' and not contains(n.reste, '(')
                then {refus[3]}
            when n.type_territoire = 'epci_avec_qpv' and not (n.est_somme and b.est_somme)
                then {refus[4]}
        end as refus,
        if(c.comparabilite = 'comparable_avec_reserve', c.motif, null) as reserve
    from points as n
    inner join points as b
        on n.code_territoire = b.code_territoire and n.perimetre = b.perimetre
        and n.code_indicateur = b.code_indicateur and n.periode > b.periode
    left join publie_comparabilites as c
        on n.code_indicateur = c.code_indicateur and n.type_territoire = c.type_territoire
        and n.relation = c.relation and n.periode = c.periode
        and b.periode = c.periode_comparaison
    left join (select * from publie_evolutions where {ou}) as e
        on n.code_territoire = e.code_territoire and n.perimetre = e.perimetre
        and n.code_indicateur = e.code_indicateur and n.periode = e.periode
        and b.periode = e.periode_comparaison
)
"""
_LIENS = f"""{_COUPLES}
select code_territoire, perimetre, code_indicateur, periode,
    max(avant) filter (refus is null) as comparable_depuis,
    arg_max(struct_pack(r := reserve), avant) filter (refus is null).r as reserve,
    max(avant) as voisine,
    arg_max(struct_pack(r := refus), avant).r as refus
from couples
group by code_territoire, perimetre, code_indicateur, periode
"""


@cache
def liens(where: str = "true") -> str:
    """A query: one row per diffused point that has an earlier one, of the figures that a condition
    keeps (`code_territoire between $1 and $2`).

    `comparable_depuis`: the nearest earlier point to which it may be joined, and with which
    `reserve`; `voisine`: the point just before, and why (`refus`) they may not be, where so.
    """
    return _filled(_LIENS, where)


def pairs(where: str = "true") -> str:
    """A query: one row per pair of diffused points of the figures that a condition keeps.

    `periode`, `avant`: both; `refus`: why they may not be joined, else with which `reserve`.
    """
    return _filled(f"{_COUPLES} from couples", where)


def _filled(query: str, where: str) -> str:
    lettered = [texte_sql(code) for code, one in perimetres().items() if one.lettres]
    return query.format(
        reste=_RESTE,
        lettres=", ".join(lettered),
        ou=where,
        refus=[texte_sql(words) for words in REFUS],
    )
