"""What a spreadsheet or a portal opens: diffused figures by rubrique, and a row per territory.

`fct_indicateur` of a national edition has millions of rows: no spreadsheet opens them, and portals
show files under 100 MB alone.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from warehouse.publication.export import inert
from warehouse.release.connect import open_scratch, texte_sql
from warehouse.release.relations import expose

#: Where they are, from the release's folder.
RUBRIQUES = "tables/rubriques"
LARGE = "tables/tableau_large"
COLONNES = "tables/tableau_large_colonnes.csv"

_RUBRIQUE = """
create or replace temp table rubrique as
select
    f.code_territoire, t.libelle_long as territoire, f.type_territoire, f.perimetre,
    f.code_indicateur, f.periode, f.valeur, f.statut, f.motif, f.source_id, f.millesime
from publie_chiffres as f
inner join publie_indicateurs as i using (code_indicateur)
inner join publie_territoires as t
    on f.code_territoire = t.code_territoire and f.perimetre = t.perimetre
where f.statut = 'diffuse' and i.rubrique = $rubrique
order by f.code_indicateur, f.periode, f.type_territoire, f.code_territoire
"""

#: What each column of the wide table is: an indicator at the period put forward, named by both.
_COLONNES = """
create temp table colonnes as
select
    i.code_indicateur || ' (' || f.periode || ')' as colonne, i.code_indicateur, i.libelle, i.unite,
    i.theme, f.periode,
    array_to_string(list_sort(list(distinct f.source_id || ' ' || f.millesime)), ', ') as sources,
    i.citation, count(*) as territoires, min(i.rang) as rang
from publie_indicateurs as i
inner join publie_chiffres as f using (code_indicateur)
where f.en_avant and f.statut = 'diffuse'
group by all
"""

_DITES = "create temp table dites as select * exclude (rang) from colonnes order by rang"

_LARGE = """
create temp table large as
select
    t.code_territoire, t.libelle_long as territoire, t.type_territoire, t.perimetre,
    t.code_departement, t.code_region, t.code_epci, c.* exclude (code, perimetre_du_chiffre)
from (
    pivot (
        select f.code_territoire as code, f.perimetre as perimetre_du_chiffre, c.colonne, f.valeur
        from publie_chiffres as f
        inner join colonnes as c using (code_indicateur, periode)
        where f.en_avant and f.statut = 'diffuse'
    )
    on colonne in ({colonnes}) using any_value(valeur)
    group by code, perimetre_du_chiffre
) as c
inner join publie_territoires as t
    on c.code = t.code_territoire and c.perimetre_du_chiffre = t.perimetre
order by t.type_territoire, t.code_territoire
"""


def write_spreadsheet_tables(release: Path) -> dict[str, int]:
    """Write them from a draft's `qpv.duckdb`.

    A blank of the wide table is a figure that is not diffused: `fct_indicateur` says why.

    Returns:
        `rubriques`: files written, `territoires` and `colonnes` of the wide table.
    """
    folder = release / RUBRIQUES
    folder.mkdir()
    with open_scratch() as con:
        con.execute(f"attach {texte_sql(release / 'qpv.duckdb')} as pub (read_only)")
        expose(con, "chiffres", "territoires", "indicateurs", of="pub")
        written = 0
        rubriques = con.execute("select distinct rubrique from publie_indicateurs order by 1")
        for (rubrique,) in rubriques.fetchall():
            con.execute(_RUBRIQUE, {"rubrique": rubrique})
            if con.execute("select count(*) from rubrique").fetchone() == (0,):
                continue
            _write(con, "rubrique", folder / f"{rubrique}.csv")
            written += 1
        con.execute(_COLONNES)
        names = [n for (n,) in con.execute("select colonne from colonnes order by rang").fetchall()]
        if names:
            con.execute(_LARGE.format(colonnes=", ".join(map(texte_sql, names))))
            _write(con, "large", release / f"{LARGE}.csv")
            target = texte_sql(release / f"{LARGE}.parquet")
            con.execute(f"copy large to {target} (format parquet, compression zstd)")
            con.execute(_DITES)
            _write(con, "dites", release / COLONNES)
        [[territories]] = con.execute(
            "select count(*) from large" if names else "select 0"
        ).fetchall()
    return {"rubriques": written, "territoires": territories, "colonnes": len(names)}


def _write(con: duckdb.DuckDBPyConnection, table: str, path: Path) -> None:
    options = "format csv, header, delimiter ',', nullstr ''"
    con.execute(f"copy ({inert(con, table)}) to {texte_sql(path)} ({options})")
