"""Audit of a release draft: its tables, the declared formulas, the releases that still stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from quality.disclosure.audit.system import System
from quality.disclosure.audit.verdict import Audit
from quality.secrecy.release.parted_attack import attacked
from quality.secrecy.release.protected_figures import (
    never_zero,
    open_rates,
    protected_figures,
    uncovered_figures,
)
from quality.secrecy.release.release_rows import (
    MASKED,
    PARTS,
    PUBLISHED,
    RATIO,
    SUM,
    WITHIN,
    open_release,
)
from quality.secrecy.release.source_rules import ReglesDesSources
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, load_dictionary

#: Rows that say nothing but what producers print, and arithmetic.
PRODUCER = (MASKED, SUM, WITHIN, PUBLISHED, PARTS)


def audit_release(
    brouillon: Path,
    regles: ReglesDesSources,
    anterieures: Sequence[Path] = (),
    dictionnaire: Dictionary | None = None,
    seuls: Collection[str] = (),
    *,
    sommes: Sequence[dict],
    retirees: Sequence[Path] = (),
    revisees: Collection[tuple[str, str, str, str]] = (),
) -> Audit:
    """Attack a draft with all that a reader has: its tables, formulas, and earlier releases.

    A miss blocks, except in a `publique` source where the producer's own figures prove as much:
    it is then an `information`.

    Args:
        brouillon: folder that holds `qpv.duckdb`; anterieures: the same, of releases that stand;
            retirees: of those that do not, whose own cells nothing hides any more: told, not
            blocking, but what they give of other cells blocks.
        sommes: rows of `warehouse.declared.sommes`: counts that are the sum of others.
        revisees: see `add_earlier`: what a reader has of these cells is wrong, and gives nothing.
        seuls: names (as in `Constat.nom`) of the counts in which one unit is alone, if known.

    Raises:
        QpvError: a folder holds no readable `qpv.duckdb`.
    """
    databases = [_database(folder) for folder in (brouillon, *anterieures, *retirees)]
    try:
        con = open_release(
            databases[0],
            dictionnaire or load_dictionary(),
            databases[1:],
            sommes,
            revisees,
            [source for source, r in regles.sources.items() if r.nature != "publique"],
        )
    except (
        *(duckdb.CatalogException, duckdb.IOException, duckdb.BinderException),
        duckdb.ConversionException,  # more periods than a cell's number has room for
    ) as error:
        raise QpvError(
            f"les tables de la publication ne se lisent pas : {str(error).splitlines()[0]}",
            ou=str(brouillon),
            attendu="les tables du contrat dans qpv.duckdb",
        ) from error
    with con:
        theirs, system, sources, cells = _system(con, regles, seuls)
        printed = [_printed_by(con, len(anterieures) + rank) for rank in range(len(retirees))]
    found = attacked(system)
    gone = set(np.flatnonzero(np.isin(cells, np.concatenate([*printed, np.zeros(0)]))).tolist())
    found.constats = [
        replace(c, information=True) if c.cellule in gone else c for c in found.constats
    ]
    open_ones = {
        c.cellule
        for c in found.exposes
        if c.cellule >= 0 and regles.de(sources[c.cellule]).nature == "publique"
    }
    if not open_ones:
        return found
    alone = attacked(_without_ours(system, theirs, open_ones))
    told = {c.cellule for c in alone.exposes}
    found.constats = [
        replace(c, information=True) if c.cellule in told else c for c in found.constats
    ]
    return found


def _database(folder: Path) -> Path:
    path = folder / "qpv.duckdb"
    if not path.is_file():
        raise QpvError(
            "pas de qpv.duckdb à auditer", ou=str(folder), attendu="le dossier d'une publication"
        )
    return path


def _system(
    con: duckdb.DuckDBPyConnection, regles: ReglesDesSources, seuls: Collection[str]
) -> tuple[np.ndarray, System, dict[int, str | None], np.ndarray]:
    """Whether producers print each row, relations first; the system; the source of each protected
    cell; the cells."""
    masked = protected_figures(con, regles)
    terms = con.execute(
        "select n.n, t.c, t.coef from terme_libre as t "
        "join (select r, row_number() over (order by r) - 1 as n from rang) as n using (r)"
    ).fetchnumpy()
    rows = con.execute("select genre, bas, haut, x from rang order by r").fetchnumpy()
    cells = np.unique(np.concatenate([terms["c"], np.array(sorted(masked), np.int64)]))
    column = np.searchsorted(cells, terms["c"])
    matrix = sp.csr_matrix(
        (terms["coef"], (terms["n"], column)), shape=(len(rows["bas"]), len(cells))
    )
    kept_rows, kept_cells = _tied_to(matrix, np.searchsorted(cells, sorted(masked)))
    matrix, cells = matrix[kept_rows][:, kept_cells], cells[kept_cells]
    genre, x = rows["genre"][kept_rows], rows["x"][kept_rows]
    low, high = rows["bas"][kept_rows], rows["haut"][kept_rows]
    equal = low == high
    named = _Names(con, cells)
    lower, upper, integer = _bounds(con, cells)
    at = {int(c): i for i, c in enumerate(cells)}
    for cell in never_zero(con, regles):
        if (i := at.get(cell)) is not None and integer[i]:
            lower[i] = max(lower[i], 1.0)
    protections = {at[c]: p for c, (p, _) in masked.items()}
    system = System(
        noms=named.cells,
        lower=lower,
        upper=upper,
        integer=integer,
        relations=matrix[equal],
        rhs=low[equal],
        noms_relations=named.rows(genre[equal], x[equal]),
        ranges=matrix[~equal],
        low=low[~equal],
        high=high[~equal],
        noms_ranges=named.rows(genre[~equal], x[~equal]),
        protections=protections,
        seuls=frozenset(i for i, nom in enumerate(named.cells) if nom in seuls),
        memes=frozenset(np.flatnonzero(genre[equal] == MASKED).tolist()),
        decouvertes=uncovered_figures(con, regles),
    )
    sources = {at[c]: s for c, (_, s) in masked.items()}
    theirs = np.isin(genre, PRODUCER)
    theirs |= (genre == RATIO) & np.isin(x, open_rates(con, regles))
    return np.concatenate([theirs[equal], theirs[~equal]]), system, sources, cells


def _printed_by(con: duckdb.DuckDBPyConnection, rank: int) -> np.ndarray:
    """The masked cells that an earlier release printed."""
    return con.execute(f"select x from avant{rank}").fetchnumpy()["x"]


def _tied_to(matrix: sp.csr_matrix, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and cells of the components that hold a wanted cell."""
    m = matrix.shape[0]
    links = sp.bmat([[None, matrix], [matrix.T, None]], format="csr")
    _, label = connected_components(links, directed=False)
    kept = np.isin(label, label[m + wanted])
    return np.flatnonzero(kept[:m]), np.flatnonzero(kept[m:])


def _bounds(
    con: duckdb.DuckDBPyConnection, cells: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower and upper public bounds, and which cells are counts of whole units."""
    objects = con.execute(_OBJECTS).fetchnumpy()
    rank = {int(o): k for k, o in enumerate(objects["o"])}
    at = np.array([rank[o] for o in (cells >> 32).tolist()], int)
    values: list[Any] = [np.asarray(v) for k, v in objects.items() if k != "o"]
    return np.where(values[0][at], 0.0, -np.inf), values[1][at], values[2][at].astype(bool)


#: A count is not negative; a share that is a mesure of its own is so if none printed is.
_OBJECTS = """
with usage as (
    select f.mesure as nom, f.code, f.coef * i.facteur > 0 as positif,
        i.type = 'effectif' or i.a_den or i.den_ensemble as compte
    from formule as f join ind as i using (code)
    union all
    select 'i:' || code, code, type not in ('ecart', 'indice'), type = 'effectif' from ind
    where simple is null
),
vu as (
    select code, min(valeur) as v, max(valeur) as plus_haute from fait where statut = 'diffuse'
    group by code
)
select o.o,
    bool_or(u.compte) or bool_and(u.positif and coalesce(vu.v >= 0, false)) as positive,
    if(
        bool_and(i.type = 'part' and not u.compte and coalesce(vu.plus_haute <= 100, true)),
        100.0, 'inf'::double
    ) as plafond,
    coalesce(any_value(e.entiere), false) as entiere
from objet as o join usage as u using (nom) join ind as i on i.code = u.code
left join vu on vu.code = u.code left join entiere as e on e.o = o.o
group by o.o
"""


class _Names:
    """Names of cells and rows, as a reader would look them up."""

    def __init__(self, con: duckdb.DuckDBPyConnection, cells: np.ndarray) -> None:
        self._objects = dict(con.execute("select o, nom from objet").fetchall())
        self._places = dict(con.execute("select t, code_territoire from terr").fetchall())
        self._periods = dict(con.execute("select p, periode from per").fetchall())
        self.cells = [self._cell(c) for c in cells.tolist()]

    def _cell(self, cell: int) -> str:
        what, where = self._objects[cell >> 32], self._places[cell >> 8 & 0xFFFFFF]
        return ", ".join([what.removeprefix("i:"), where, self._periods[cell & 0xFF]])

    def rows(self, genre: np.ndarray, x: np.ndarray) -> list[str]:
        both = zip(genre.tolist(), x.tolist(), strict=True)
        return [f"{_KINDS[kind]} : {self._cell(cell)}" for kind, cell in both]


#: What each kind of row is called, in the order of `release_rows`.
_KINDS = (
    "",
    "valeur",
    "rapport publié",
    "rapport masqué, dénominateur publié",
    "somme des quartiers",
    "partie du tout",
    "évolution publiée",
    "part dans l'ensemble publiée",
    "publication antérieure",
    "valeur publiée",
    "écart publié",
    "somme des parties",
    "somme que personne ne déclare",
)


def _without_ours(system: System, theirs: np.ndarray, cells: set[int]) -> System:
    """The same system without the figures that we derive, about these cells alone."""
    m = system.relations.shape[0]
    relations, ranges = np.flatnonzero(theirs[:m]), np.flatnonzero(theirs[m:])
    return replace(
        system,
        relations=system.relations[relations],
        rhs=system.rhs[relations],
        noms_relations=[system.noms_relations[r] for r in relations.tolist()],
        ranges=system.ranges[ranges],
        low=system.low[ranges],
        high=system.high[ranges],
        noms_ranges=[system.noms_ranges[r] for r in ranges.tolist()],
        protections={c: p for c, p in system.protections.items() if c in cells},
        decouvertes=(),
    )
