"""The workbooks of a release: which EPCI has one, by how many processes they are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from warehouse.base.processus import coeurs, share_out
from warehouse.publication.classeurs import rows
from warehouse.publication.classeurs.book import About, Book
from warehouse.publication.classeurs.tableau import key_columns
from warehouse.release.connect import open_writer, texte_sql
from warehouse.release.relations import expose

#: EPCI below which a second process costs more (about a second to start) than it saves.
_SEULS = 40
#: Workbooks per task: progress is said that often.
_LOT = 10
#: Territories whose series are gathered at once.
_ENSEMBLE = 400


def write_workbooks(
    release: Path,
    about: About,
    statuts: dict[str, str],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """`classeurs/<siren>.xlsx` for each EPCI that holds a quarter of the edition, even in part.

    Args:
        release: a folder with `qpv.duckdb`, which nobody writes.
        statuts: statut → what it means.
        progress: called with how many are done, of how many.
    """
    folder = release / "classeurs"
    folder.mkdir()
    with TemporaryDirectory(prefix="classeurs-") as aside:
        database = Path(aside) / "lignes.duckdb"
        sirens = _prepare(release, database)
        write = partial(_write_some, database, folder, about, statuts)
        if len(sirens) < _SEULS or coeurs() == 1:
            write(sirens)
            progress(len(sirens), len(sirens))
            return [folder / f"{siren}.xlsx" for siren in sirens]
        lots = [sirens[i : i + _LOT] for i in range(0, len(sirens), _LOT)]
        done = 0
        for finished in share_out(write, lots, "classeurs"):
            done += finished
            progress(done, len(sirens))
    return [folder / f"{siren}.xlsx" for siren in sirens]


def _prepare(release: Path, database: Path) -> list[str]:
    """The rows of every workbook in a database of their own, sorted; EPCI, most rows first."""
    with open_writer(database) as con:
        con.execute(f"attach {texte_sql(release / 'qpv.duckdb')} as publiee (read_only)")
        expose(con, *rows.LUES, of="publiee")
        for query in (rows.TERRITOIRES, rows.INDICATEURS, rows.CHIFFRES, rows.EVOLUTIONS):
            con.execute(query)
        con.execute(rows.POINTS_VIDES, {"de": "", "a": ""})
        every = "select distinct code_territoire from territoires order by 1"
        known = [code for (code,) in con.execute(every).fetchall()]
        for start in range(0, len(known), _ENSEMBLE):
            some = known[start : start + _ENSEMBLE]
            con.execute(rows.POINTS, {"de": some[0], "a": some[-1]})
        con.execute(rows.SERIES)
        con.execute("create table sources as select * from publie_sources")
        sized = "select siren from territoires group by 1 order by count(*) desc, 1"
        return [siren for (siren,) in con.execute(sized).fetchall()]


def _write_some(
    database: Path, folder: Path, about: About, statuts: dict[str, str], sirens: Sequence[str]
) -> int:
    """Write some workbooks; how many."""
    with duckdb.connect(str(database), read_only=True, config={"threads": 1}) as con:
        con.execute("set enable_progress_bar = false")  # a process of its own would show it

        def read(query: str, *values: str) -> list[tuple]:
            return con.execute(query, values).fetchall()

        definitions, sources = read(rows.DEFINITIONS), read(rows.SOURCES)
        titles = {f"{s} {m}": f"{titre} ({m})" for s, m, titre, *_ in sources}
        decimals = dict(read(rows.DECIMALES))
        third_parties = {source for (source,) in read(rows.TIERCES)}
        for siren in sirens:
            label = read(rows.LIBELLE, f"EPCI:{siren}")
            name = label[0][0] if label else siren
            book = Book(folder / f"{siren}.xlsx", about)
            book.tableau(
                name,
                key_columns(definitions, decimals),
                read(rows.TABLEAU_TERRITOIRES, siren),
                read(rows.TABLEAU_CHIFFRES, siren),
                third_parties,
            )
            book.read_me(name, siren, sources, statuts)
            book.figures(read(rows.LIGNES.format("chiffres"), siren), titles)
            book.series(read(rows.LIGNES.format("series"), siren))
            book.evolutions(read(rows.LIGNES.format("evolutions"), siren))
            book.definitions(definitions)
            book.close()
    return len(sirens)
