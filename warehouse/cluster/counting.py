"""A model counted on the cluster, each millésime once; its counts go to the build database."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.cluster.counted import Counted, write_down
from warehouse.cluster.dialect import Relation
from warehouse.cluster.model_inputs import COLONNE, Inputs, inputs_of, name_of
from warehouse.cluster.patience import watched
from warehouse.cluster.spark_access import Grappe, session, spark_of_environment
from warehouse.release.connect import texte_sql

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Bytes of Parquet that one task sorts: some millions of units, in the memory of a small worker.
_PART = 32 << 20
#: Bytes of Parquet counted at once: beyond them, months are counted and kept one after the other.
_GROUP = 256 << 20
#: One model at a time: a session holds all that the cluster gives.
_ONE = threading.Lock()


def count(con: duckdb.DuckDBPyConnection, modele: str, made: str, query: str) -> None:
    """Make the table of a model from counts by millésime, asking the cluster for those missing.

    Args:
        con: the build database, inside dbt's own transaction.
        made: the table to make, as SQL writes it.

    Raises:
        QpvError: the cluster is out of reach, or gave up.
    """
    layout = _layout(con)
    inputs = inputs_of(con, query)
    if not inputs.millesimes:  # no unit at all: nothing that a cluster would be asked for
        con.execute(f"create table {made} as {query}")
        return
    with _ONE:
        start, opening = time.monotonic(), 0.0
        kept = {m: _kept(layout, modele, m, inputs) for m in inputs.millesimes}
        missing = [m for m, path in kept.items() if not path.is_file()]
        if missing:
            opening = _counted_now(layout, inputs, {m: kept[m] for m in missing})
        seconds = round(time.monotonic() - start, 2)
    _load(con, made, query, list(kept.values()))
    repris = [m for m in kept if m not in missing]
    write_down(layout.spark_report, Counted(modele, missing, repris, seconds, opening))


def _layout(con: duckdb.DuckDBPyConnection) -> Layout:
    """The data folder of the database that this connection writes."""
    [(path,)] = con.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    return Layout(Path(path).parent.parent)


def _kept(layout: Layout, modele: str, millesime: str, inputs: Inputs) -> Path:
    name = inputs.fingerprint(millesime)[:32]
    return layout.unit_counts / modele / millesime / f"{name}.parquet"


def _counted_now(layout: Layout, inputs: Inputs, missing: dict[str, Path]) -> float:
    """Ask the cluster for the counts of some millésimes, and keep each of them whole.

    Returns:
        The seconds that a session took to open.
    """
    grappe = spark_of_environment()
    assert grappe is not None  # else dbt's macro does not come here
    start = time.monotonic()
    spark = session(grappe, layout.spark_log)
    opening = round(time.monotonic() - start, 2)
    for millesimes in _groups(inputs, list(missing)):
        try:
            table = _asked(spark, grappe, layout.spark_log, inputs, millesimes)
        except QpvError:
            spark.stop()  # a session that failed once is not asked again
            raise
        for millesime in millesimes:
            path = missing[millesime]
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{os.getpid()}.tmp")
            pq.write_table(table.filter(pc.equal(table.column(COLONNE), millesime)), draft)
            draft.replace(path)
    return opening


def _groups(inputs: Inputs, millesimes: list[str]) -> Iterator[list[str]]:
    """Millésimes that are asked together: few enough for their counts to be held at once."""
    group: list[str] = []
    for millesime in millesimes:
        if group and inputs.octets([*group, millesime]) > _GROUP:
            yield group
            group = []
        group.append(millesime)
    yield group


def _asked(
    spark: SparkSession, grappe: Grappe, said: Path, inputs: Inputs, millesimes: list[str]
) -> pa.Table:
    """The rows of a query, over the units of some millésimes alone."""
    with watched(spark, grappe, said):
        for relation, parts in inputs.unites.items():
            _units(spark, inputs, relation, parts, millesimes)
        for relation, table in inputs.tables.items():
            spark.createDataFrame(table).createOrReplaceTempView(name_of(relation))
        spark.conf.set("spark.sql.shuffle.partitions", _parts(spark, inputs, millesimes))
        *views, (_, query) = inputs.statements()
        for name, sql in views:
            spark.sql(sql).createOrReplaceTempView(name)
        counts = spark.sql(query)
        return counts.where(counts[COLONNE].isin(millesimes)).toArrow()


def _parts(spark: SparkSession, inputs: Inputs, millesimes: list[str]) -> int:
    """Into how many parts units are sorted: Spark's own 200 cost more than they give to a few."""
    return max(spark.sparkContext.defaultParallelism, inputs.octets(millesimes) // _PART + 1)


def _units(
    spark: SparkSession,
    inputs: Inputs,
    relation: Relation,
    parts: dict[str, list[Path]],
    millesimes: list[str],
) -> None:
    """A view of the files of some millésimes; of a source that has none of them, its columns."""
    wanted = [path for m in millesimes for path in parts.get(m, [])]
    read = wanted or next(iter(parts.values()))
    reader = spark.read.option("basePath", f"file://{read[0].parent.parent}")
    frame = reader.parquet(*(f"file://{path}" for path in read))
    frame = frame if wanted else frame.limit(0)
    frame.createOrReplaceTempView(name_of(relation))


def _load(con: duckdb.DuckDBPyConnection, made: str, query: str, files: list[Path]) -> None:
    """The table as DuckDB itself would have typed it, from the counts of each millésime."""
    columns = con.execute(f"describe {query}").fetchall()
    typed = ", ".join(f'"{name}"::{kind} as "{name}"' for name, kind, *_ in columns)
    listed = ", ".join(texte_sql(path) for path in files)
    con.execute(f"create table {made} as select {typed} from read_parquet([{listed}])")
