"""Builds in workshops of a shared lake, while people read: the same figures, nothing half done."""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from tests.conftest import TOOLS
from tests.lake.conftest import Lake, made_lake
from tests.lake.servers import PostgreSQL, SeaweedFS
from warehouse import connect
from warehouse.base.layout import SAMPLE_DIR, Layout
from warehouse.lake.releases import releases_of, schema_of
from warehouse.lake.seals import faults_in_lake
from warehouse.lake.sending import send
from warehouse.release.build_database import open_build, workshop_of
from warehouse.release.connect import texte_sql

ANALYSTES = 50
#: Beside the sample's own edition, one that other files of the same folder serve.
AUTRE = "2022"


def started(data: Path, *words: str, **told: str) -> subprocess.Popen[str]:
    """`qpv build` on its way, its words in a file."""
    data.mkdir(exist_ok=True)
    with (data / "dit.txt").open("w") as said:
        return subprocess.Popen(
            [str(TOOLS / "qpv"), "build", "--sans-documents", "--data", str(data), *words],
            stdout=said,
            stderr=said,
            text=True,
            env={**os.environ, **told},
        )


def said_by(data: Path) -> str:
    return (data / "dit.txt").read_text(encoding="utf-8")


def until_said(data: Path, words: str, build: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 240
    while words not in said_by(data):
        assert build.poll() is None and time.monotonic() < until, said_by(data)
        time.sleep(0.2)


@dataclass
class Day:
    """One day of a shared lake: two editions built at once, people reading all along."""

    lake: Lake
    before: str
    folders: tuple[Path, Path]
    codes: list[int]
    seconds: float
    told: dict


@pytest.fixture(scope="module")
def day(
    servers: tuple[PostgreSQL, SeaweedFS],
    two_releases: tuple[Path, Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Day]:
    with pytest.MonkeyPatch.context() as patch:
        lake = made_lake(servers, "une_journee", patch)
        lake.open_to_readers()
        before = two_releases[1]
        send(lake.lac, before)
        folder = tmp_path_factory.mktemp("chantiers")
        others = shutil.copytree(SAMPLE_DIR, folder / "fichiers")
        champ = others / "champ.yml"
        champ.write_text(re.sub(r"(?m)^edition:.*$", "", champ.read_text(encoding="utf-8")))
        reading = subprocess.Popen(
            [sys.executable, "-m", "tests.lake.analysts", str(ANALYSTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **lake.environment("lecteur")},
        )
        start, folders = time.monotonic(), (folder / "une", folder / "autre")
        builds = [
            started(folders[0], "--sample", **lake.workshop()),
            started(folders[1], "--extracts", str(others), "--edition", AUTRE, **lake.workshop()),
        ]
        try:
            codes = [one.wait(600) for one in builds]
            seconds = time.monotonic() - start
            said, _ = reading.communicate("", timeout=300)
        finally:
            for one in (*builds, reading):
                one.kill()
        yield Day(lake, before.name, folders, codes, seconds, json.loads(said))


def test_fifty_people_read_while_two_editions_build_and_leave(day: Day) -> None:
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
        for (table,) in known.fetchall():
            for one, other in (("ici", "la"), ("la", "ici")):
                rest = f"from {one}.{table} except all from {other}.{table}"
                assert con.sql(rest).fetchall() == [], table


def test_two_builds_at_once_share_no_catalogue(day: Day) -> None:
    places = [workshop_of(Layout(folder).warehouse_db) for folder in day.folders]
    assert len({place.schema for place in places if place}) == 2
    for folder, edition in zip(day.folders, ("2023", AUTRE), strict=True):
        with open_build(Layout(folder).warehouse_db) as con:
            said = con.execute("select id from edition.parametres").fetchall()
            assert said == [(edition,)]
            assert con.execute("select count(*) from marts.fct_indicateur").fetchone() > (1_000,)
