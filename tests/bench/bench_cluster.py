"""Units counted on a Spark cluster of this machine, one and two workers, beside DuckDB.

`python -m tests.bench.bench_cluster [--millions 1 4 12] [--dossier DIR]`. The models that count
units, run by dbt in a process of its own: wall seconds, and processor seconds of every process that
had a part in it, workers included; the opening of a session apart.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.fixtures.made_up_stock import write_stock
from tests.fixtures.micro_warehouse import build, edition
from tests.lake import cluster_runs
from tests.lake.spark_servers import Master, Worker
from warehouse.base.layout import Layout
from warehouse.cluster.counted import told
from warehouse.declared.dictionary import Edition

MODELS = [m for m in cluster_runs.COUNTED if m.endswith(("comptes", "ecarts", "situes"))]
#: Dwellings made up for each establishment: about what France has.
_LOGEMENTS = 0.13
_LOOK = 0.5


@contextmanager
def _cluster(folder: Path, workers: int) -> Iterator[tuple[str, float]]:
    """The address of a cluster and the seconds that it took to start."""
    start = time.perf_counter()
    master = Master(folder / "maitre")
    servers = [master, *(Worker(folder / f"noeud{rank}", master) for rank in range(workers))]
    with ExitStack() as stack:
        for server in servers:
            server.folder.mkdir(parents=True, exist_ok=True)
            server.start()
            stack.callback(server.stop)
        yield master.url, time.perf_counter() - start


def _processors() -> dict[int, float]:
    """Processor seconds of this process's descendants, by their id."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,cputimes="], capture_output=True, text=True, check=True
    ).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    ours, grown = {os.getpid()}, True
    while grown:
        below = {pid for pid, parent, _ in rows if parent in ours} - ours
        ours, grown = ours | below, bool(below)
    return {pid: spent for pid, _, spent in rows if pid in ours - {os.getpid()}}


def _counted(layout: Layout, **environment: str) -> tuple[float, float]:
    """(wall, processor) seconds of the models, what they read being there."""
    cluster_runs.run(layout, *MODELS, **environment)  # what is upstream, and the page cache
    shutil.rmtree(layout.unit_counts, ignore_errors=True)
    layout.spark_report.unlink(missing_ok=True)
    before, seen, start = _processors(), {}, time.perf_counter()
    running = cluster_runs.dbt_process(layout, "run", "--select", *MODELS, **environment)
    while running.poll() is None:
        seen |= _processors()
        time.sleep(_LOOK)
    assert running.returncode == 0, cluster_runs.said(layout)
    spent = sum(seconds - before.get(pid, 0) for pid, seconds in seen.items())
    return time.perf_counter() - start, spent


def _built(stock: Path, data: Path, shown: Edition, grappe: str) -> tuple[Layout, float]:
    """A build database, and the seconds that it took."""
    os.environ["QPV_SPARK"] = grappe
    start = time.perf_counter()
    layout = build(stock, data, shown)
    os.environ["QPV_SPARK"] = ""
    return layout, time.perf_counter() - start


def bench(folder: Path, millions: float) -> None:
    """Print the seconds of one size."""
    stock, units = folder / "stock", int(1_000_000 * millions)
    write_stock(stock, etablissements=units, logements=int(units * _LOGEMENTS))
    shown, total = edition("2024", "2019"), millions * (1 + _LOGEMENTS)

    def _said(what: str, wall: float, spent: float) -> None:
        print(
            f"  {what} : {wall:.1f} s, {wall / total:.2f} s par million ; "
            f"processeur {spent:.0f} s, {spent / total:.2f} s par million",
            flush=True,
        )

    print(f"{total:.1f} millions d'unités", flush=True)
    here, _ = _built(stock, folder / "ici", shown, "")
    _said("DuckDB", *_counted(here))
    for workers in (1, 2):
        with _cluster(folder / f"grappe-{workers}", workers) as (url, started):
            there, first = _built(stock, folder / f"donnees-{workers}", shown, url)
            _, again = _built(stock, folder / f"donnees-{workers}", shown, url)
            wall, spent = _counted(there, QPV_SPARK=url)
        opening = max(one.ouverture for one in told(there.spark_report))
        print(f"  partitions écrites en {first - again:.1f} s", flush=True)
        print(f"  {workers} nœud : en marche en {started:.1f} s, session en {opening:.1f} s")
        _said(f"{workers} nœud, session comprise", wall, spent)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 4, 12])
    parser.add_argument("--dossier", type=Path)
    args = parser.parse_args()
    for size in args.millions:
        with tempfile.TemporaryDirectory(dir=args.dossier) as folder:
            bench(Path(folder), size)


if __name__ == "__main__":
    main()
