"""A server that goes away during a build: one paragraph, nothing lost, the next run ends."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from tests.lake.day import said_by, started, until_said
from tests.lake.lakes import Lake
from warehouse import connect
from warehouse.base.layout import Layout
from warehouse.lake.releases import releases_of
from warehouse.lake.seals import faults_in_lake
from warehouse.lake.sending import send
from warehouse.release.build_database import workshop_of

Releases = tuple[Path, Path]
#: When dbt has begun its first models.
_MODELES = "Modèles dbt"
#: Seconds without storage, less than the two minutes that a request waits.
_ABSENCE = 60
#: More views than the files of units have: those of the first models.
_VUES = 20


def _stands(lake: Lake, release: Path) -> bool:
    with connect("lac", publication=release.name) as con:
        [(rows,)] = con.execute("select count(*) from fct_indicateur").fetchall()
    return rows > 10_000 and faults_in_lake(lake.lac, release.name)[1] == []


def _in_the_middle(lake: Lake, data: Path, build: subprocess.Popen[str]) -> None:
    """Wait until dbt has made some tables in the build's workshop."""
    until_said(data, _MODELES, build)
    place = workshop_of(Layout(data).warehouse_db)
    assert place
    query = f"select count(*) from {place.schema}.ducklake_view"
    while build.poll() is None:
        made = lake.catalogue.ask(query, f"{lake.base}_atelier", check=False).stdout.strip()
        if made.isdigit() and int(made) > _VUES:
            return
        time.sleep(0.5)
    raise AssertionError(said_by(data))


def _says(data: Path) -> None:
    """One paragraph, no traceback, and nothing published."""
    said = said_by(data)
    told = [line for line in said.splitlines() if "l'atelier s'est arrêté" in line]
    assert len(told) == 1 and "À faire" in told[0] and "Traceback" not in said, said
    assert not Layout(data).latest.exists()


def test_servers_that_go_away_lose_nothing(
    lake: Lake, two_releases: Releases, tmp_path: Path
) -> None:
    before = two_releases[1]
    send(lake.lac, before)

    build = started(tmp_path, "--sample", **lake.workshop())
    _in_the_middle(lake, tmp_path, build)
    lake.catalogue.cut()
    lake.catalogue.start()
    assert build.wait(400) == 1, said_by(tmp_path)
    _says(tmp_path)
    assert lake.catalogue.password not in said_by(tmp_path) and _stands(lake, before)
    left = workshop_of(Layout(tmp_path).warehouse_db)

    build = started(tmp_path, "--sample", **lake.workshop())
    _in_the_middle(lake, tmp_path, build)
    lake.storage.stop()
    time.sleep(_ABSENCE)
    lake.storage.start()
    if build.wait(400):  # it may wait for the storage, and end
        _says(tmp_path)
        assert _stands(lake, before)
        build = started(tmp_path, "--sample", **lake.workshop())
        assert build.wait(400) == 0, said_by(tmp_path)
    released = Layout(tmp_path).latest.resolve()
    assert {one.publication for one in releases_of(lake.lac)} == {before.name, released.name}
    assert _stands(lake, before) and _stands(lake, released)
    kept = lake.catalogue.ask(
        "select nspname from pg_namespace where nspname like 'atelier%'", f"{lake.base}_atelier"
    ).stdout.split()
    now = workshop_of(Layout(tmp_path).warehouse_db)
    assert left and now and kept == [now.schema] and now.schema != left.schema
