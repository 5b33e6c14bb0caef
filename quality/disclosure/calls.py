"""The three calls of the library: mask a table, audit it, round it. Tables are plain rows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np

from .attack.known_tables import system_of_tables
from .attack.reach import Reach
from .audit.system import System
from .audit.verdict import Audit
from .audit.verdict import audit as attack
from .masking.masked_tables import MaskedCells, masked_cells
from .masking.sums import Hierarchies
from .refused import DisclosureError
from .rounding.rounded import Rounded, rounded_cells, rounded_relations
from .tables.declared import Mesure, ReglesTables, Relations, declared
from .tables.table_cells import GivenTable, Key, Rules, Tables, read, rules_of

#: Rows of a table: column → text or number; or its name → rows, where there are several.
Rows = Sequence[Mapping[str, Any]]
#: Masked, then attacked, then masked with what came out: so many times at most.
ROUNDS = 6
#: The one code of what is masked: two would tell which cells are under secrecy themselves.
SIGN = "s"


@dataclass(frozen=True)
class Masked:
    """A mask, its cost and its proof.

    `tables`: name → rows as they may be published: columns of the key and of figures, the sign
    `signe` in place of each masked one. `cells`: which are masked and why; internal, never to be
    published. `audit`: the verdict of the attacker on `tables`, told what must be kept by the
    clear ones. `reach`: what it left aside.
    """

    tables: Mapping[str, list[dict[str, Any]]]
    cells: MaskedCells
    audit: Audit
    reach: Reach
    signe: str

    @property
    def exposed(self) -> int:
        """How many cells a reader finds, or knows too well: 0, or the mask is not to be used."""
        return len(self.audit.exposes)


@dataclass(frozen=True)
class GivenTables:
    """Tables with their declaration, however they were read."""

    sources: Sequence[GivenTable]
    relations: Relations
    rules: Rules
    hierarchies: Hierarchies
    ou: str = "relations"

    def cells(self) -> Tables:
        """The cells of the tables."""
        return read(self.sources, self.relations, self.rules)


def mask(
    table: Rows | Mapping[str, Rows],
    relations: Relations | Mapping[str, Any],
    rules: Mapping[str, Any] | None = None,
    *,
    hierarchies: Mapping[str, Sequence[Sequence[str]]] | None = None,
    methode: str = "lp",
) -> Masked:
    """Mask a table, or linked tables, and prove it.

    Args:
        table: the rows of the one table of `relations`, or name → rows. Figures are numbers or
            their plain text, in any unit.
        relations: what `relations.yml` holds (see the README of the library).
        rules: mesure → rule, where `relations` has none under `regles`.
        hierarchies: name of a hierarchy → lines of codes, from the coarsest level to the finest.
        methode: `lp` (intervals, proved), `exact` (the cheapest, up to some hundreds of cells).

    Raises:
        DisclosureError: what cannot be read or used, a cell that nothing protects, a mask that
            its own audit refuses.
    """
    return mask_given(_given(table, relations, rules, hierarchies), methode)


def audit(
    table: Rows | Mapping[str, Rows],
    relations: Relations | Mapping[str, Any],
    rules: Mapping[str, Any] | None = None,
    *,
    hierarchies: Mapping[str, Sequence[Sequence[str]]] | None = None,
    clear: Rows | Mapping[str, Rows] | None = None,
) -> tuple[Audit, Reach]:
    """What a reader of printed tables can deduce of their masked cells, and what was left aside.

    Args:
        clear: the same tables before their mask: which cells are under secrecy, and their value,
            for the verdict alone.

    Raises:
        DisclosureError: what cannot be read, a relation that meets no cell.
    """
    given = _given(table, relations, rules, hierarchies)
    before = None if clear is None else _given(clear, relations, rules, hierarchies).cells()
    system, reach = _system(given, given.cells(), before)
    return attack(system), reach


def mask_given(given: GivenTables, methode: str = "lp") -> Masked:
    """`mask`, of tables that the caller has read.

    Masked, attacked, and masked again with what came out, until nothing does.
    """
    start = perf_counter()
    for tableau in given.relations.tableaux:
        if tableau.masque is not None:
            raise DisclosureError(
                "une colonne dit déjà le masque du tableau",
                ou=f"{given.ou}, {tableau.fichier}, masque",
                attendu="des tableaux en clair",
                faire="ôter `masque` de ce tableau",
            )
    clear = given.cells()
    opened: frozenset[Key] = frozenset()
    spent: dict[str, float] = {"lecture": perf_counter() - start}
    sign = SIGN if SIGN in given.relations.masques else given.relations.masques[0]
    for _ in range(ROUNDS):
        cells = masked_cells(
            clear,
            given.relations,
            given.rules,
            given.hierarchies,
            methode=methode,
            opened=opened,
        )
        for step, seconds in cells.durees.items():
            spent[step] = spent.get(step, 0.0) + seconds
        begun = perf_counter()
        said = dict.fromkeys(cells.etats, sign)
        tables = {s.fichier: published(s, given, said) for s in given.sources}
        public = replace(given, sources=[source(rows, name) for name, rows in tables.items()])
        found, reach, broken = _proof(public, clear)
        spent["audit"] = spent.get("audit", 0.0) + perf_counter() - begun
        new = {key for key in broken - opened if cells.etats.get(key) == "secondaire"}
        if not new:
            break
        opened |= new
    return Masked(tables, replace(cells, durees=spent), found, reach, sign)


def round_table(
    table: Rows | Mapping[str, Rows],
    relations: Relations | Mapping[str, Any],
    rules: Mapping[str, Any] | None = None,
    *,
    base: int,
    seed: int | None = None,
    hierarchies: Mapping[str, Sequence[Sequence[str]]] | None = None,
) -> Rounded:
    """Round the counts of tables too dense to be masked; every sum is kept.

    Args:
        base: each figure becomes a multiple of it, one of the two around its value where sums
            allow; above the threshold of the rules, or the audit may refuse.
        seed: of the draw; by default one that nobody can find again.

    Raises:
        DisclosureError: figures that are no counts, no rounding that keeps the sums.
    """
    return round_given(_given(table, relations, rules, hierarchies), base, seed)


def round_given(given: GivenTables, base: int, seed: int | None = None) -> Rounded:
    """`round_table`, of tables that the caller has read."""
    clear = given.cells()
    drawn = secrets.randbits(63) if seed is None else seed
    cells, rounding, gaps = rounded_cells(
        clear, given.relations, given.rules, given.hierarchies, base, drawn
    )
    told = rounded_relations(given.relations, base, rounding.reach)
    said = {key: str(figure) for key, figure in cells.items()}
    tables = {s.fichier: published(s, given, said) for s in given.sources}
    sources = [source(rows, name) for name, rows in tables.items()]
    found, reach, _ = _proof(replace(given, sources=sources, relations=told), clear)
    largest, mean = float(np.abs(gaps).max()), float(np.abs(gaps).mean())
    return Rounded(tables, told, rounding, largest, mean, found, reach)


def published(
    table: GivenTable, given: GivenTables, said: Mapping[Key, str]
) -> list[dict[str, Any]]:
    """The rows of a table that may leave: key and figures, those of `said` as it says them.

    Columns that only the holder of the clear table has (contributors, largest ones) stay out.
    """
    [described] = [t for t in given.relations.tableaux if t.fichier == table.fichier]
    tables = read([table], given.relations.model_copy(update={"tableaux": [described]}), {})
    by_row = iter(tables.cases)
    rows = []
    for _, cells in table.rows:
        row = {name: cells[name] for name in described.dimensions}
        for column in described.mesures:
            row[column] = said.get(next(by_row).key, cells[column])
        rows.append({name: row[name] for name in table.header if name in row})
    return rows


def _proof(public: GivenTables, clear: Tables) -> tuple[Audit, Reach, frozenset[Key]]:
    """The attack of what may leave, told by the clear tables what must be kept; then a reader's.

    The second knows nothing of which cells are under secrecy: none must come out.
    """
    tables = public.cells()
    system, reach = _system(public, tables, clear)
    found = attack(system)
    seen = {reach.cles.get(c.cellule) for c in found.exposes}
    blind, limits = _system(public, tables, None)
    told = [c for c in attack(blind).exposes if limits.cles.get(c.cellule) not in seen]
    keys = {id(c): reach.cles.get(c.cellule) for c in found.exposes}
    keys |= {id(c): limits.cles.get(c.cellule) for c in told}
    broken = frozenset(key for key in keys.values() if key is not None)
    return replace(found, constats=[*found.constats, *told]), reach, broken


def _system(given: GivenTables, tables: Tables, clear: Tables | None) -> tuple[System, Reach]:
    return system_of_tables(
        tables, given.relations, given.rules, given.hierarchies, given.ou, clear
    )


def source(rows: Rows, name: str) -> GivenTable:
    """Rows of plain values as a table of text.

    Raises:
        DisclosureError: no row.
    """
    if not rows:
        raise DisclosureError("un tableau sans ligne", ou=name)
    header = list(dict.fromkeys(column for row in rows for column in row))
    lines = [
        (at, {column: _text(row.get(column)) for column in header})
        for at, row in enumerate(rows, 1)
    ]
    return GivenTable(name, header, lines, _plain, name, name)


def _text(value: Any) -> str:
    if value is None or value != value:  # a NaN is a blank
        return ""
    return repr(value) if isinstance(value, float) else str(value)


def _plain(cell: str, where: str, column: str, mesure: Mesure) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise DisclosureError(
            f"un nombre illisible : {cell!r:.60}",
            ou=where,
            attendu="un nombre comme 1234 ou 46.3, ou un des signes de `masques` et `absents`",
        ) from error


def _given(
    table: Rows | Mapping[str, Rows],
    relations: Relations | Mapping[str, Any],
    rules: Mapping[str, Any] | None,
    hierarchies: Mapping[str, Sequence[Sequence[str]]] | None,
) -> GivenTables:
    said = declared(Relations, relations, "relations")
    apart = declared(ReglesTables, {"regles": rules}, "règles").regles if rules else None
    known = hierarchies or {}
    if not isinstance(table, Mapping):
        if len(said.tableaux) > 1:
            raise DisclosureError(
                f"les relations décrivent {len(said.tableaux)} tableaux, un seul est donné",
                attendu="nom du tableau → ses lignes",
            )
        table = {said.tableaux[0].fichier: table}

    def lines(name: str) -> Sequence[Sequence[str]]:
        if name not in known:
            raise DisclosureError(
                f"la hiérarchie {name} manque",
                ou="hierarchies",
                attendu="nom de la hiérarchie → ses lignes de codes",
            )
        return known[name]

    sources = [source(rows, name) for name, rows in table.items()]
    return GivenTables(sources, said, rules_of(said, apart, "relations"), lines)
