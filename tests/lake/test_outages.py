"""A server that goes away during a build: one paragraph, nothing lost, the next run ends."""

from __future__ import annotations

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
_ABSENCE = 20


def _stands(lake: Lake, release: Path) -> bool:
    with connect("lac", publication=release.name) as con:
        [(rows,)] = con.execute("select count(*) from fct_indicateur").fetchall()
    return rows > 10_000 and faults_in_lake(lake.lac, release.name)[1] == []


def test_servers_that_go_away_lose_nothing(
    lake: Lake, two_releases: Releases, tmp_path: Path
) -> None:
    before = two_releases[1]
    send(lake.lac, before)

    build = started(tmp_path, "--sample", **lake.workshop())
    until_said(tmp_path, _MODELES, build)
    time.sleep(6)
    lake.catalogue.cut()
    lake.catalogue.start()
    assert build.wait(300) == 1
    said = said_by(tmp_path)
    told = [line for line in said.splitlines() if "l'atelier s'est arrêté" in line]
    assert len(told) == 1 and "PostgreSQL" in told[0] and "À faire" in told[0], said
    assert "Traceback" not in said and lake.catalogue.password not in said
    assert not Layout(tmp_path).latest.exists() and _stands(lake, before)
    [left] = [workshop_of(Layout(tmp_path).warehouse_db)]

    build = started(tmp_path, "--sample", **lake.workshop())
    until_said(tmp_path, _MODELES, build)
    time.sleep(6)
    lake.storage.stop()
    time.sleep(_ABSENCE)
    lake.storage.start()
    if build.wait(400):  # it may wait for the storage, and end
        assert said_by(tmp_path).count("l'atelier s'est arrêté : le stockage S3") == 1
        assert "Traceback" not in said_by(tmp_path)
        assert not Layout(tmp_path).latest.exists() and _stands(lake, before)
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
