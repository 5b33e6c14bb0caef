"""Audit of a release draft: its tables, the declared formulas, the releases that still stand."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
import scipy.sparse as sp
from pydantic import Field
from scipy.sparse.csgraph import connected_components

from quality.disclosure.audit.system import Protection, System
from quality.disclosure.audit.verdict import Audit, audit
from quality.secrecy.release.release_rows import (
    MASKED,
    PARTS,
    PUBLISHED,
    SUM,
    WITHIN,
    open_release,
)
from warehouse.base.errors import QpvError
from warehouse.base.strict import Strict
from warehouse.declared.dictionary import Dictionary, load_dictionary

#: Rows that say nothing but what producers print, and arithmetic.
PRODUCER = (MASKED, SUM, WITHIN, PUBLISHED, PARTS)


class RegleSource(Strict):
    """The secrecy of one source.

    `nature`: `publique` (a file open to all, masked by its producer), `convention` (given under an
    agreement), `micro` (counted here from units). `seuil`: a count from 1 to seuil - 1 is under
    secrecy; `seuils`: mesures with a threshold of their own. `protection`: `L2` (a reader must
    still think the threshold possible), or a share (0.10: no estimate within ±10 %).
    `zeros_montres`: no zero is masked, so that a masked count is 1 or more.
    """

    nature: Literal["publique", "convention", "micro"]
    seuil: float | None = Field(default=None, ge=2)
    seuils: dict[str, float] = Field(default_factory=dict)
    protection: Literal["L2"] | float = "L2"
    zeros_montres: bool = False

    def pour(self, mesures: Iterable[str]) -> float | None:
        """The highest threshold among the mesures that make a figure."""
        known = [t for t in (self.seuils.get(m, self.seuil) for m in mesures) if t is not None]
        return max(known, default=None)


class ReglesDesSources(Strict):
    """Source → its rule; a source that is not named is taken as `publique`."""

    sources: dict[str, RegleSource] = Field(default_factory=dict)

    def de(self, source: str | None) -> RegleSource:
        return self.sources.get(source or "", RegleSource(nature="publique"))


def audit_release(
    brouillon: Path,
    regles: ReglesDesSources,
    anterieures: Sequence[Path] = (),
    dictionnaire: Dictionary | None = None,
    seuls: Collection[str] = (),
    *,
    sommes: Sequence[dict],
    retirees: Sequence[Path] = (),
) -> Audit:
    """Attack a draft with all that a reader has: its tables, formulas, and earlier releases.

    A miss blocks, except in a `publique` source where the producer's own figures prove as much:
    it is then an `information`.

    Args:
        brouillon: folder that holds `qpv.duckdb`; anterieures: the same, of releases that stand;
            retirees: of those that do not, whose own cells nothing hides any more: told, not
            blocking, but what they give of other cells blocks.
        sommes: rows of `warehouse.declared.sommes`: counts that are the sum of others.
        seuls: names (as in `Constat.nom`) of the counts in which one unit is alone, if known.

    Raises:
        QpvError: a folder holds no readable `qpv.duckdb`.
    """
    databases = [_database(folder) for folder in (brouillon, *anterieures, *retirees)]
    try:
        con = open_release(databases[0], dictionnaire or load_dictionary(), databases[1:], sommes)
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
        kinds, system, sources, cells = _system(con, regles, seuls)
        found = audit(system, complet=False)
        printed = [_printed_by(con, len(anterieures) + rank) for rank in range(len(retirees))]
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
    alone = audit(_without_ours(system, kinds, open_ones), complet=False)
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
    """Kind of each row, relations first; the system; source of each protected cell; the cells."""
    masked = _protected(con, regles)
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
    for cell in _never_zero(con, regles):
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
        decouvertes=_uncovered(con, regles),
    )
    sources = {at[c]: s for c, (_, s) in masked.items()}
    return np.concatenate([genre[equal], genre[~equal]]), system, sources, cells


def _printed_by(con: duckdb.DuckDBPyConnection, rank: int) -> np.ndarray:
    """The masked cells that an earlier release printed."""
    return con.execute(f"select x from avant{rank}").fetchnumpy()["x"]


def _protected(
    con: duckdb.DuckDBPyConnection, regles: ReglesDesSources
) -> dict[int, tuple[Protection, str | None]]:
    """Masked cells, then counts behind printed rates of sources that we must protect."""
    found: dict[int, tuple[Protection, str | None]] = {}
    made_of = _made_of(con)
    for cell, source, code, kind, decimals in con.execute(
        "select m.c, m.source_id, code, i.type, i.arrondi from masque as m "
        "join ind as i using (code) order by m.c"
    ).fetchall():
        regle = regles.de(source)
        seuil = regle.pour(made_of.get(code, ()))
        found[cell] = _protection(regle, seuil, kind, decimals), source
    ours = {s: r for s, r in regles.sources.items() if r.nature != "publique"}
    for cell, source, mesure in con.execute(
        "select distinct cell(o.o, f.t, o.pt), f.source_id, o.mesure from fait as f "
        "join ind as i using (code) "
        "join formule_p as o on o.code = f.code and o.quartier = f.quartier and o.p = f.p "
        "and o.cote = 'num' "
        "where i.a_den and f.statut = 'diffuse' and f.source_id in (select unnest($1)) "
        "and cell(o.o, f.t, o.pt) in (select c from terme_libre) order by 1",
        [list(ours)],
    ).fetchall():
        seuil = ours[source].pour([mesure])
        if seuil is None:
            continue
        text = f"laisser possible {seuil:g} ou plus"
        behind = Protection(plafond_min=seuil, pas=-1.0, zero_permis=True, texte=text)
        found.setdefault(cell, (behind, source))
    return found


def _never_zero(con: duckdb.DuckDBPyConnection, regles: ReglesDesSources) -> list[int]:
    """Masked counts of sources whose zeros are all shown."""
    shown = [s for s, r in regles.sources.items() if r.nature != "publique" and r.zeros_montres]
    rows = con.execute(
        "select m.c from masque as m join ind as i using (code) "
        "where i.type = 'effectif' and i.simple is not null and m.source_id in (select unnest($1))",
        [shown],
    ).fetchall()
    return [cell for (cell,) in rows]


def _made_of(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Indicator → the mesures of its formula."""
    return dict(con.execute("select code, list(mesure) from formule group by code").fetchall())


def _protection(regle: RegleSource, seuil: float | None, kind: str, decimals: int) -> Protection:
    if kind != "effectif":
        return Protection(pas=10.0**-decimals, texte="ne pas donner la valeur à l'arrondi imprimé")
    share = 0.0 if regle.protection == "L2" else float(regle.protection)
    texts = [f"laisser possible {seuil:g} ou plus"] if seuil else []
    texts += [f"pas d'estimation à ±{100 * share:g} %"] if share else []
    return Protection(
        plafond_min=seuil if seuil else -np.inf,
        ecart=share,
        texte=" ; ".join(texts) or "ne pas donner la valeur",
    )


def _uncovered(con: duckdb.DuckDBPyConnection, regles: ReglesDesSources) -> tuple[str, ...]:
    """Counts printed under the threshold of a source that we must protect."""
    found: list[str] = []
    made_of = _made_of(con)
    for source, regle in regles.sources.items():
        if regle.nature == "publique":
            continue
        limits = {code: regle.pour(mesures) for code, mesures in made_of.items()}
        limits = {code: seuil for code, seuil in limits.items() if seuil}
        rows = con.execute(
            "select f.code || ', ' || t.code_territoire || coalesce(', ' || f.periode, '') "
            "from fait as f join ind as i using (code) join terr as t using (t) "
            "join (select unnest($2) as code, unnest($3) as seuil) as s using (code) "
            "where i.type = 'effectif' and f.statut = 'diffuse' and f.source_id = $1 "
            "and f.valeur > 0 and f.valeur < s.seuil order by 1",
            [source, list(limits), list(limits.values())],
        ).fetchall()
        found += [row[0] for row in rows]
    return tuple(found)


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
)


def _without_ours(system: System, kinds: np.ndarray, cells: set[int]) -> System:
    """The same system without the figures that we derive, about these cells alone."""
    theirs = np.isin(kinds, PRODUCER)
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
