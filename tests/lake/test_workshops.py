"""Builds in workshops of a shared lake, while people read: the same figures, nothing half done."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

import duckdb

from tests.conftest import run_qpv
from tests.lake.day import ANALYSTES, AUTRE, Day, said_by
from warehouse import connect
from warehouse.base.layout import Layout
from warehouse.lake.releases import releases_of, schema_of
from warehouse.lake.seals import faults_in_lake
from warehouse.release.build_database import AS_WRITTEN, open_build, workshop_of
from warehouse.release.connect import texte_sql


def test_people_read_while_two_editions_build_and_leave(day: Day) -> None:
    assert day.codes == [0, 0], [said_by(folder) for folder in day.folders]
    assert day.told["errors"] == []
    released = [Layout(folder).latest.resolve().name for folder in day.folders]
    held = releases_of(day.lake.lac)
    assert {one.publication for one in held} == {day.before, *released}
    for one in held:
        assert faults_in_lake(day.lake.lac, one.publication) == (one.publication, [])
    whole = {}
    for one in held:
        with connect("lac", publication=one.publication) as con:
            [(rows,)] = con.execute("select count(*) from fct_indicateur").fetchall()
        whole[schema_of(one.publication)] = (14, rows)
    for schema, tables, rows, _ in day.told["seen"]:
        assert (tables, rows) == whole[schema]
    print(f"\n{ANALYSTES} analystes pendant {day.seconds:.0f} s")
    for what in ("opened", "asked"):
        times = sorted(day.told[what])
        middle, most = statistics.median(times), times[len(times) * 95 // 100]
        print(f"  {what} : {len(times)}, médiane {middle:.2f} s, 95 % sous {most:.2f} s")
        assert len(times) >= ANALYSTES


def test_the_lake_build_publishes_what_the_file_build_does(day: Day, sample_release: Path) -> None:
    release = Layout(day.folders[0]).latest.resolve()
    assert workshop_of(Layout(day.folders[0]).warehouse_db)
    assert not Layout(day.folders[0]).warehouse_db.exists()
    tables = sorted(path.name for path in (sample_release / "tables").glob("*_*.csv"))
    assert len(tables) >= 14
    for name in tables:
        ours, theirs = (folder / "tables" / name for folder in (release, sample_release))
        assert ours.read_bytes() == theirs.read_bytes(), name
    with duckdb.connect() as con:
        for name, folder in (("ici", release), ("la", sample_release)):
            con.execute(f"attach {texte_sql(folder / 'qpv.duckdb')} as {name} (read_only)")
        known = con.execute("select table_name from duckdb_tables() where database_name = 'la'")
        names = known.fetchall()
        assert len(names) >= 14
        for (table,) in names:
            for one, other in (("ici", "la"), ("la", "ici")):
                rest = f"from {one}.{table} except all from {other}.{table}"
                assert con.sql(rest).fetchall() == [], table


def test_two_builds_at_once_share_no_catalogue(day: Day) -> None:
    places = [workshop_of(Layout(folder).warehouse_db) for folder in day.folders]
    assert len({place.schema for place in places if place}) == 2
    for folder, edition in zip(day.folders, ("2023", AUTRE), strict=True):
        with open_build(Layout(folder).warehouse_db) as con:
            [(order,)] = con.execute("select current_setting('disabled_optimizers')").fetchall()
            assert order == AS_WRITTEN
            said = con.execute("select id from edition.parametres").fetchall()
            assert said == [(edition,)]
            assert con.execute("select count(*) from marts.fct_indicateur").fetchone() > (1_000,)


def test_what_is_behind_a_figure_is_read_in_the_workshop(day: Day, sample_data: Path) -> None:
    told = [
        run_qpv("explain", "QP059050", "nb_defm_abc", "--data", str(data), **day.lake.workshop())
        for data in (day.folders[0], sample_data)
    ]
    assert [one.returncode for one in told] == [0, 0]
    ours, theirs = (_without_names(one.stdout) for one in told)
    assert ours == theirs and "non conservées" not in ours


def _without_names(said: str) -> str:
    """What is told of a figure, without the release's own identifier and folder."""
    return re.sub(r"2023-\d{8}T\w+-\w+|/\S+", "", said)
