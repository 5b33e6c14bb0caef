"""What may be told of the secrecy of a build: which figures it covers, and counts of its masks."""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.release.connect import texte_sql
from warehouse.release.relations import expose

#: Indicators with a term that a source of the edition gives unmasked, and those that compare them.
_CONFIDENTIELS = """
with sous_secret as (
    select distinct t.code_indicateur
    from edition.termes as t
    inner join edition.secrets as s on t.terme = s.mesure
    inner join edition.plan as p
        on s.source_id = p.source_id and s.bloc = p.bloc and s.mesure = p.mesure
    where s.acces <> 'publique' and s.seuil is not null
)
from sous_secret
union
select r.code_indicateur
from edition.rapprochements as r
inner join sous_secret as s on r.code_base = s.code_indicateur
"""
#: Primary and secondary cells are one number: apart, they would tell which cells are small.
_COMPTES = """
select k.regle,
    coalesce(t.type_territoire, 'autre') as type_territoire,
    count(*) as jugees,
    count(*) filter (k.etat <> 'publiable') as masquees,
    round(100.0 * count(*) filter (k.etat <> 'publiable') / count(*), 1) as part
from intermediate.int_masques as k
left join publie_territoires as t
    on k.code_territoire = t.code_territoire and k.perimetre = t.perimetre
group by all order by all
"""
_DEPUIS = """
select count(*) filter (a.statut = 'diffuse' and n.statut = 'secret') as masques,
    count(*) filter (a.statut = 'secret' and n.statut = 'diffuse') as demasques
from nouvelle_chiffres as n
inner join ancienne_chiffres as a
    on n.code_territoire = a.code_territoire
    and n.perimetre = a.perimetre
    and n.code_indicateur = a.code_indicateur
    and n.periode = a.periode
"""


def confidential_indicators(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Codes of the indicators of a build made, in part at least, of figures under judgement."""
    return {code for (code,) in con.execute(_CONFIDENTIELS).fetchall()}


def mask_counts(con: duckdb.DuckDBPyConnection) -> list[dict]:
    """Per rule and type of territory of a build: cells judged, masked, share masked in %."""
    expose(con, "territoires", of="marts")
    return con.execute(_COMPTES).to_arrow_table().to_pylist()


def changes_since(earlier: Path, draft: Path) -> dict[str, int]:
    """Figures of a draft that an earlier release of the same period told, and those it did not.

    Args:
        earlier, draft: folders that hold a `qpv.duckdb`.

    Returns:
        `masques`: told before, masked now; `demasques`: the reverse.
    """
    with duckdb.connect() as con:
        for name, folder in (("ancienne", earlier), ("nouvelle", draft)):
            con.execute(f"attach {texte_sql(folder / 'qpv.duckdb')} as {name} (read_only)")
            expose(con, "chiffres", of=name, under=name)
        [(masked, unmasked)] = con.execute(_DEPUIS).fetchall()
    return {"masques": masked, "demasques": unmasked}
