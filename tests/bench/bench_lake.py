"""A build in a workshop of a shared lake on loopback, beside a release that a file build made.

    python -m tests.bench.bench_lake REFERENCE --edition 2022 --extracts DIR --extracts DIR

REFERENCE is a data folder whose latest release was built from the same files. Prints times, sizes
and, table by table, how many rows differ. The other words are those of `qpv build`.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest

from orchestration.defs.dbt_refusals import RESULTS
from tests.conftest import run_qpv
from tests.equal_releases import differences
from tests.lake.day import said_by, started
from tests.lake.lakes import Lake, made_lake
from tests.lake.servers import PostgreSQL, SeaweedFS
from warehouse import connect, poser
from warehouse.base.layout import Layout


def main(reference: Path, words: list[str]) -> None:
    catalogue = PostgreSQL(Path(tempfile.mkdtemp(prefix="qpv-postgresql-")))
    storage = SeaweedFS(Path(tempfile.mkdtemp(prefix="qpv-seaweedfs-")))
    catalogue.start()
    try:
        storage.start()
        data = Path(tempfile.mkdtemp(prefix="qpv-banc-"))  # left behind by a refused build
        with pytest.MonkeyPatch.context() as patch:
            lake = made_lake((catalogue, storage), "banc", patch)
            _build(lake, data, words)
            _read(lake, reference, data)
        shutil.rmtree(data)
    finally:
        storage.stop()
        catalogue.stop()
        for server in (catalogue, storage):
            shutil.rmtree(server.folder)


def _build(lake: Lake, data: Path, words: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("QPV_LAC", "QPV_LAC_DONNEES"):
            patch.delenv(name)  # what is sent is measured apart
        told = {name: value for name, value in lake.workshop().items() if "ATELIER" in name}
        start = time.monotonic()
        code = started(data, *words, **told).wait()
    assert code == 0, said_by(data)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(
        f"construction dans l'atelier : {time.monotonic() - start:.0f} s, "
        f"{used.ru_utime + used.ru_stime:.0f} s de processeur, {used.ru_maxrss / 2**20:.1f} Gio"
    )
    results = json.loads((Layout(data).dbt_target / RESULTS).read_text())
    print(f"  dont dbt : {results['elapsed_time']:.0f} s")
    base = f"{lake.base}_atelier"
    size = lake.catalogue.ask(f"select pg_size_pretty(pg_database_size('{base}'))").stdout
    print(f"  catalogue de l'atelier : {size.strip()}")


def _read(lake: Lake, reference: Path, data: Path) -> None:
    start = time.monotonic()
    sent = run_qpv("lac", "envoyer", "--data", str(data))
    assert sent.returncode == 0, sent.stderr
    print(f"envoi au lac : {time.monotonic() - start:.0f} s")
    start = time.monotonic()
    checked = run_qpv("release", "verify", "--data", "lac")
    print(f"vérification : {time.monotonic() - start:.0f} s, {checked.stdout.strip()}")
    for _ in range(2):
        start = time.monotonic()
        with connect("lac") as con:
            opened = time.monotonic() - start
            [(rows,)] = con.execute("select count(*) from fct_indicateur").fetchall()
            poser(con, "chiffres_absents", epci="200042190").fetchall()
            asked = time.monotonic() - start - opened
        print(f"lecture : ouverture {opened:.2f} s, deux questions {asked:.2f} s, {rows} chiffres")
    for name, here, there in _slower(reference, data):
        print(f"plus lent qu'en fichier : {name}, {here:.1f} s au lieu de {there:.1f}")
    _compare(Layout(reference).latest, Layout(data).latest)


def _slower(reference: Path, data: Path) -> list[tuple[str, float, float]]:
    """Models that take five times longer than in a file and two seconds: joins in a bad order."""
    times = [
        {one["unique_id"]: one["execution_time"] for one in json.loads(path.read_text())["results"]}
        for path in (Layout(data).dbt_target / RESULTS, Layout(reference).dbt_target / RESULTS)
    ]
    return [
        (name, here, there)
        for name, here in times[0].items()
        if (there := times[1].get(name, 0.0)) * 5 + 2 < here
    ]


def _compare(reference: Path, built: Path) -> None:
    with connect("lac") as lac:
        for path in sorted((reference / "tables").glob("[dfp]*_*.parquet")):
            [(rows,)] = lac.execute(f"select count(*) from {path.stem}").fetchall()
            print(f"{path.stem} : {rows} lignes au lac")
    found = [*differences(reference, built)]
    print("\n".join(found) or "aucune différence avec la construction en fichier")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
