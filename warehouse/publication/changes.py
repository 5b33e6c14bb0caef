"""What changed between two releases, figure by figure. Tells no value that is masked now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.release.connect import open_scratch, texte_sql
from warehouse.release.promotion import read_manifest
from warehouse.release.relations import Relation, expose
from warehouse.release.seal import require_whole

#: What is read of either release.
LUES: list[Relation] = ["chiffres", "evolutions", "territoires", "indicateurs", "sources"]
#: Two doubles closer than this, relatively, are one figure summed in another order.
_EGAUX = 1e-9
_CLE = "code_territoire, perimetre, code_indicateur, periode"

_NATURE = """case
            when avant.statut = 'diffuse' and apres.statut = 'diffuse' then 'revise'
            when apres.statut = 'diffuse' and starts_with(avant.statut, 'secret') then 'demasque'
            when apres.statut = 'diffuse' then 'ajoute'
            when avant.statut = 'diffuse' and starts_with(apres.statut, 'secret') then 'masque'
            when avant.statut = 'diffuse' then 'retire'
        end as nature"""
#: One row per figure that changed. An old value is told of a revised figure only: any other might
#: be missing now because it must not be known.
_CHANGEMENTS = f"""
create temp table changements as
with avant as (
    select {_CLE}, valeur, statut, source_id, millesime from avant_chiffres
    where periode is not null
),
apres as (
    select {_CLE}, valeur, statut, source_id, millesime from apres_chiffres
    where periode is not null
),
deux as (
    select
        code_territoire,
        perimetre,
        code_indicateur,
        periode,
        {_NATURE},
        avant.valeur as valeur_avant,
        apres.valeur as valeur,
        avant.statut as statut_avant,
        apres.statut as statut,
        coalesce(apres.source_id, avant.source_id) as source_id,
        coalesce(apres.millesime, avant.millesime) as millesime,
        apres.source_id is distinct from avant.source_id
            or apres.millesime is distinct from avant.millesime as autre_millesime
    from avant full join apres using (code_territoire, perimetre, code_indicateur, periode)
)
select
    nature,
    code_territoire,
    perimetre,
    code_indicateur,
    periode,
    case when nature = 'revise' then valeur_avant end as valeur_avant,
    valeur,
    statut_avant,
    statut,
    source_id,
    millesime,
    case when nature = 'revise' then
        case
            when autre_millesime then 'autre_millesime'
            when (source_id, millesime) in (
                select (source_id, millesime) from fichiers where avant is not null
            ) then 'fichier_revise'
            else 'calcul'
        end
    end as cause
from deux
where nature is not null
    and (nature <> 'revise'
        or abs(valeur - valeur_avant) > {_EGAUX} * greatest(abs(valeur), abs(valeur_avant)))
order by code_indicateur, periode, code_territoire, perimetre
"""
#: Evolutions by nature. Two rows of one comparison: an evolution whose periods changed is another.
_EVOLUTIONS = f"""
with avant as (
    select {_CLE}, periode_comparaison, statut,
        [evolution_nb, evolution_pct, evolution_pts] as valeurs
    from avant_evolutions where periode_comparaison is not null
),
apres as (
    select {_CLE}, periode_comparaison, statut,
        [evolution_nb, evolution_pct, evolution_pts] as valeurs
    from apres_evolutions where periode_comparaison is not null
),
deux as (
    select {_NATURE}, avant.valeurs as avant, apres.valeurs as apres
    from avant full join apres
        using (code_territoire, perimetre, code_indicateur, periode, periode_comparaison)
)
select nature, count(*) from deux
where nature is not null and (nature <> 'revise' or list_bool_or(list_transform(
    list_zip(avant, apres),
    lambda v: v[1] is distinct from v[2] and coalesce(
        abs(v[1] - v[2]) > {_EGAUX} * greatest(abs(v[1]), abs(v[2])), true)
)))
group by nature
"""
#: Files whose bytes are not the same, or that only one of the two read.
_FICHIERS = """
create temp table fichiers as
with avant as (select * from avant_sources where sha256 <> ''),
apres as (select * from apres_sources where sha256 <> '')
select
    source_id,
    millesime,
    fichier,
    coalesce(apres.titre, avant.titre) as titre,
    avant.sha256 as avant,
    apres.sha256 as apres
from avant full join apres using (source_id, millesime, fichier)
where avant.sha256 is distinct from apres.sha256
order by source_id, millesime, fichier
"""
_PAR_INDICATEUR = """
select
    c.code_indicateur,
    coalesce(b.libelle, a.libelle) as libelle,
    coalesce(b.unite, a.unite) as unite,
    coalesce(b.arrondi, a.arrondi) as arrondi,
    c.periode,
    count(*) filter (where nature = 'ajoute') as ajoutes,
    count(*) filter (where nature = 'revise') as revises,
    count(*) filter (where nature = 'retire') as retires,
    count(*) filter (where nature = 'masque') as masques,
    count(*) filter (where nature = 'demasque') as demasques,
    max(abs(valeur - valeur_avant)) as ecart_max
from changements as c
left join apres_indicateurs as b on c.code_indicateur = b.code_indicateur
left join avant_indicateurs as a on c.code_indicateur = a.code_indicateur
group by all
order by revises desc, masques desc, c.code_indicateur, c.periode
"""
_REVISIONS = """
select
    c.code_territoire,
    coalesce(t.libelle_long, t.libelle, c.code_territoire) as libelle,
    c.perimetre,
    code_indicateur,
    c.periode,
    valeur_avant,
    valeur,
    c.source_id,
    c.millesime,
    cause
from changements as c
left join apres_territoires as t
    on c.code_territoire = t.code_territoire and c.perimetre = t.perimetre
where nature = 'revise'
qualify row_number() over (
    partition by code_indicateur, c.periode
    order by abs(valeur - valeur_avant) desc, c.code_territoire
) <= ?
order by code_indicateur, c.periode, abs(valeur - valeur_avant) desc, c.code_territoire
"""
NATURES = ("ajoute", "revise", "retire", "masque", "demasque")
#: Revised figures named one by one, largest gaps first, per indicator and period.
_NOMMEES = 3


@dataclass(frozen=True)
class Changes:
    """What a release changes of another.

    `fichiers`: those whose bytes differ, with both sha256 (None where not read).
    `totaux`, `evolutions`: figures and evolutions by nature. `indicateurs`: figures by indicator,
    period and nature, with the largest gap between two diffused values. `revisions`: the largest
    of each, with both values.
    """

    precedente: dict
    nouvelle: dict
    fichiers: list[dict]
    totaux: dict[str, int]
    evolutions: dict[str, int]
    indicateurs: list[dict]
    revisions: list[dict]


def compare(
    before: Path, after: Path, *, nouvelle: dict | None = None, rows: Path | None = None
) -> Changes:
    """The changes between two releases, in one pass over both.

    Args:
        nouvelle: what to say of `after` when it is a draft, which has no manifest yet
            (`release_id`, `edition`).
        rows: where to write every changed figure, as Parquet.
    """
    with open_scratch() as con:
        for name, release in (("avant", before), ("apres", after)):
            database = require_whole(release, "qpv.duckdb")
            con.execute(f"attach {texte_sql(database)} as {name} (read_only)")
            expose(con, *LUES, of=name, under=name)
        nouvelle = nouvelle or _said(read_manifest(after))
        return changes_between(con, _said(read_manifest(before)), nouvelle, rows)


def changes_between(
    con: duckdb.DuckDBPyConnection, precedente: dict, nouvelle: dict, rows: Path | None = None
) -> Changes:
    """As `compare`, of two releases whose relations `LUES` a connection has, wherever they lie,
    under `avant` and `apres`."""
    con.execute(_FICHIERS)
    con.execute(_CHANGEMENTS)
    if rows:
        options = "format parquet, compression zstd"
        con.execute(f"copy changements to {texte_sql(rows)} ({options})")
    figures, evolutions = (
        dict.fromkeys(NATURES, 0) | dict(con.execute(query).fetchall())
        for query in ("select nature, count(*) from changements group by 1", _EVOLUTIONS)
    )
    return Changes(
        precedente=precedente,
        nouvelle=nouvelle,
        fichiers=_dicts(con.execute("select * from fichiers")),
        totaux=figures,
        evolutions=evolutions,
        indicateurs=_dicts(con.execute(_PAR_INDICATEUR)),
        revisions=_dicts(con.execute(_REVISIONS, [_NOMMEES])),
    )


def _said(manifest: dict) -> dict:
    return {name: manifest[name] for name in ("release_id", "edition", "publiee_le")}


def _dicts(found: duckdb.DuckDBPyConnection) -> list[dict]:
    return found.to_arrow_table().to_pylist()
