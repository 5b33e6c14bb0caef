"""One text of SQL for two engines, and what the counts of a millésime stand on."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.base.errors import QpvError
from warehouse.cluster.dialect import parsed, spark_sql
from warehouse.cluster.model_inputs import inputs_of, name_of


def _spark(query: str) -> str:
    return spark_sql(parsed(query), name_of)


@pytest.mark.parametrize(
    ("duckdb_sql", "spark"),
    [
        ("select * exclude (a) from s.t", "SELECT * EXCEPT (a) FROM s__t AS t"),
        ("select t.a from w.s.t", "SELECT t.a FROM s__t AS t"),
        ("select x::integer from s.t as u", "SELECT CAST(x AS INT) FROM s__t AS u"),
        ("with a as materialized (select 1 as b) select b from a",
         "WITH a AS (SELECT 1 AS b) SELECT b FROM a"),
        ("select count_star() from s.t", "SELECT COUNT(*) FROM s__t AS t"),
        ("select count(*) filter (a) from s.t", "SELECT COUNT(*) FILTER(WHERE a) FROM s__t AS t"),
        ('select a as "1_piece" from s.t', "SELECT a AS `1_piece` FROM s__t AS t"),
        ("select regexp_extract(a, 'b|c') from s.t",
         "SELECT REGEXP_EXTRACT(a, 'b|c', 0) FROM s__t AS t"),
        ("select (a / (b - c)) from s.t", "SELECT (a / NULLIF((b - c), 0)) FROM s__t AS t"),
        ("select a from s.t where a !~~ 'Q%'", "SELECT a FROM s__t AS t WHERE a NOT LIKE 'Q%'"),
        ("from s.t anti join s.u on t.a = u.a",
         "SELECT * FROM s__t AS t ANTI JOIN s__u AS u ON t.a = u.a"),
    ],
)  # fmt: skip
def test_what_duckdb_says_spark_is_told(duckdb_sql: str, spark: str) -> None:
    assert _spark(duckdb_sql) == spark


@pytest.mark.parametrize(
    "query",
    [
        "select a from s.t union all by name select b from s.u",
        "select * replace (upper(a) as a) from s.t",
        "select from where",
    ],
)
def test_what_spark_has_no_word_for_is_refused(query: str) -> None:
    with pytest.raises(QpvError, match="n'est pas dit en SQL que Spark comprend"):
        _spark(query)


#: A model over units of two months, through a view, beside two small tables.
_MODEL = (
    "select u.millesime, p.mot, count(*) as nb from staging.u as u "
    "inner join edition.plan as p on u.millesime = p.millesime "
    "cross join edition.noms as n group by all"
)


@pytest.fixture
def con(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    made.execute("create schema landing; create schema staging; create schema edition")
    for month in ("2026-01", "2026-02"):
        folder = tmp_path / "unites" / f"millesime={month}"
        folder.mkdir(parents=True)
        made.execute(f"copy (select 'x' as code) to '{folder}/a.parquet' (format parquet)")
    _units(made, tmp_path, "a", "a")
    made.execute("create view staging.u as select millesime, code from landing.u where code > ''")
    made.execute("create table edition.plan as select * from (values ('2026-01', 'un'),"
                 " ('2026-02', 'deux')) as v(millesime, mot)")  # fmt: skip
    made.execute("create table edition.noms as select 'nom' as nom")
    made.execute("create table edition.autre as select 1 as rien")
    return made


def _units(con: duckdb.DuckDBPyConnection, folder: Path, first: str, second: str) -> None:
    names = zip(("2026-01", "2026-02"), (first, second), strict=True)
    paths = [folder / "unites" / f"millesime={month}" / f"{name}.parquet" for month, name in names]
    for path in paths:
        if not path.is_file():
            path.write_bytes((path.parent / "a.parquet").read_bytes())
    listed = ", ".join(f"'{path}'" for path in paths)
    con.execute(
        f"create or replace view landing.u as select * from read_parquet([{listed}], "
        "hive_partitioning = true, hive_types = {'millesime': varchar})"
    )


def test_units_views_and_small_tables_are_told_apart(con: duckdb.DuckDBPyConnection) -> None:
    found = inputs_of(con, _MODEL)
    assert list(found.unites) == [("landing", "u")] and list(found.vues) == [("staging", "u")]
    assert set(found.tables) == {("edition", "plan"), ("edition", "noms")}
    assert found.millesimes == ["2026-01", "2026-02"]
    assert [name for name, _ in found.statements()] == ["staging__u", ""]


@pytest.mark.parametrize(
    ("change", "recounted"),
    [
        ("update edition.plan set mot = 'autre' where millesime = '2026-02'", ["2026-02"]),
        ("insert into edition.plan values ('2026-03', 'trois')", []),
        ("update edition.noms set nom = 'autre'", ["2026-01", "2026-02"]),
        ("update edition.autre set rien = 2", []),
        ("create or replace view staging.u as select millesime, code from landing.u",
         ["2026-01", "2026-02"]),
    ],
)  # fmt: skip
def test_a_month_is_counted_again_where_what_it_stands_on_changed(
    change: str, recounted: list[str], con: duckdb.DuckDBPyConnection
) -> None:
    before = inputs_of(con, _MODEL)
    con.execute(change)
    after = inputs_of(con, _MODEL)
    changed = [m for m in before.millesimes if before.fingerprint(m) != after.fingerprint(m)]
    assert changed == recounted


def test_a_revised_file_is_its_month_s_alone(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    before = inputs_of(con, _MODEL)
    _units(con, tmp_path, "a", "revu")
    after = inputs_of(con, _MODEL)
    assert before.fingerprint("2026-01") == after.fingerprint("2026-01")
    assert before.fingerprint("2026-02") != after.fingerprint("2026-02")
    assert before.fingerprint("2026-01") != inputs_of(con, _MODEL + " ").fingerprint("2026-02")
