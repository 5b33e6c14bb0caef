"""What a model reads, as the build database knows it: units, views over them, and small tables."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from warehouse.cluster.dialect import Relation, parsed, relations, spark_sql

#: The folder of a partition, as every reader of Parquet names it.
COLONNE = "millesime"
_PARTITION = re.compile(rf"{COLONNE}=([^/]+)$")


@dataclass
class Inputs:
    """What a query stands on, beside itself.

    `unites`: relation → millésime → its files. `vues`: relation → its query, those that others
    read first. `tables`: small relations, in the order of all their columns.
    """

    query: exp.Query
    unites: dict[Relation, dict[str, list[Path]]] = field(default_factory=dict)
    vues: dict[Relation, exp.Query] = field(default_factory=dict)
    tables: dict[Relation, pa.Table] = field(default_factory=dict)

    @property
    def millesimes(self) -> list[str]:
        """Those of which there are units."""
        return sorted({m for parts in self.unites.values() for m in parts})

    def octets(self, millesimes: list[str]) -> int:
        """What the units of some millésimes weigh."""
        return sum(
            path.stat().st_size
            for parts in self.unites.values()
            for millesime in millesimes
            for path in parts.get(millesime, [])
        )

    def statements(self) -> list[tuple[str, str]]:
        """(name, SQL of Spark) of each view, then of the query itself, under no name."""
        named = [(name_of(r), spark_sql(tree, name_of)) for r, tree in self.vues.items()]
        return [*named, ("", spark_sql(self.query, name_of))]

    def fingerprint(self, millesime: str) -> str:
        """The same as long as the counts of a millésime cannot have changed."""
        made = self._shared.copy()
        for relation, parts in sorted(self.unites.items()):
            names = sorted(path.name for path in parts.get(millesime, []))
            made.update(repr((relation, names)).encode())
        for relation, table in sorted(self.tables.items(), key=lambda one: one[0]):
            if COLONNE in table.column_names:
                held = table.filter(pc.equal(table.column(COLONNE), millesime))
                made.update(repr((relation, held.to_pydict())).encode())
        return made.hexdigest()

    @cached_property
    def _shared(self) -> hashlib._Hash:
        """What all millésimes stand on."""
        made = hashlib.sha256(repr(self.statements()).encode())
        for relation, table in sorted(self.tables.items(), key=lambda one: one[0]):
            if COLONNE not in table.column_names:
                made.update(repr((relation, table.to_pydict())).encode())
        return made


def name_of(relation: Relation) -> str:
    """How a relation of the build database is called in a session of Spark."""
    return "__".join(relation)


def inputs_of(con: duckdb.DuckDBPyConnection, query: str) -> Inputs:
    """Everything that a query of the build database reads, down to files of units."""
    views = {
        (schema, name): sql
        for schema, name, sql in con.execute(
            "select schema_name, view_name, sql from duckdb_views() where not internal"
        ).fetchall()
    }
    found = Inputs(parsed(query))
    for relation in sorted(relations(found.query)):
        _add(views, relation, found)
    read = relations(found.query).union(*(relations(tree) for tree in found.vues.values()))
    for schema, name in sorted(read - found.unites.keys() - found.vues.keys()):
        rows = con.execute(f'select * from "{schema}"."{name}" order by all')
        found.tables[schema, name] = rows.to_arrow_table()
    return found


def _add(views: dict[Relation, str], relation: Relation, found: Inputs) -> bool:
    """Whether a relation is made of units; it is then in `found`, after what it reads."""
    if relation in found.unites or relation in found.vues:
        return True
    if relation not in views:
        return False
    tree = parsed(views[relation])
    if files := _files(tree):
        found.unites[relation] = files
        return True
    below = [_add(views, one, found) for one in sorted(relations(tree))]
    if any(below):
        found.vues[relation] = tree
    return any(below)


def _files(tree: exp.Query) -> dict[str, list[Path]]:
    """Millésime → the files of a view that reads partitions of units."""
    found: dict[str, list[Path]] = defaultdict(list)
    for read in tree.find_all(exp.ReadParquet):
        for literal in read.find_all(exp.Literal):
            path = Path(str(literal.this))
            if part := _PARTITION.search(path.parent.as_posix()):
                found[part[1]].append(path)
    return dict(found)
