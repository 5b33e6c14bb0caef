"""Units counted on a Spark cluster of this machine, one and two workers, beside DuckDB.

`python -m tests.bench.bench_cluster [--millions 1 4 12] [--dossier DIR]`. Wall seconds of the
models that count units, by dbt, in a process of their own; the opening of a session apart.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
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

MODELS = [m for m in cluster_runs.COUNTED if m.endswith(("comptes", "ecarts", "situes"))]
#: Dwellings made up for each establishment: about what France has.
_LOGEMENTS = 0.13


@contextmanager
def _cluster(folder: Path, workers: int) -> Iterator[tuple[str, float]]:
    """The address of a cluster and the seconds that it took to start."""
    start = time.perf_counter()
    with ExitStack() as stack:
        servers = [Master(folder / "maitre")]
        servers += [Worker(folder / f"noeud{rank}", servers[0]) for rank in range(workers)]
        for server in servers:
            server.folder.mkdir(parents=True, exist_ok=True)
            server.start()
            stack.callback(server.stop)
        yield servers[0].url, time.perf_counter() - start


def _by_duckdb(layout: Layout) -> float:
    """Seconds of the models, as dbt timed them."""
    cluster_runs.run(layout, *MODELS)
    results = json.loads((layout.dbt_target / "run_results.json").read_text(encoding="utf-8"))
    return sum(
        one["execution_time"]
        for one in results["results"]
        if one["unique_id"].split(".")[2] in MODELS
    )


def _by_spark(layout: Layout, url: str) -> tuple[float, float]:
    """(seconds to open a session, seconds of the models), nothing counted before."""
    shutil.rmtree(layout.unit_counts, ignore_errors=True)
    layout.spark_report.unlink(missing_ok=True)
    cluster_runs.run(layout, *MODELS, QPV_SPARK=url)
    counted = told(layout.spark_report)
    opening = max(one.ouverture for one in counted)
    return opening, sum(one.secondes for one in counted) - opening


def bench(folder: Path, millions: float) -> None:
    """Print the seconds of one size."""
    stock, units = folder / "stock", int(1_000_000 * millions)
    write_stock(stock, etablissements=units, logements=int(units * _LOGEMENTS))
    shown, total = edition("2024", "2019"), millions * (1 + _LOGEMENTS)

    def _said(what: str, seconds: float) -> None:
        print(f"  {what} : {seconds:.1f} s, {seconds / total:.2f} s par million", flush=True)

    print(f"{total:.1f} millions d'unités", flush=True)
    os.environ.pop("QPV_SPARK", None)
    here = build(stock, folder / "ici", shown)
    _said("DuckDB, comptes", _by_duckdb(here))
    there = folder / "grappe"
    start = time.perf_counter()
    build(stock, there, shown)
    plain = time.perf_counter() - start
    for workers in (1, 2):
        with _cluster(folder / f"grappe-{workers}", workers) as (url, started):
            os.environ["QPV_SPARK"] = url
            start = time.perf_counter()
            layout = build(stock, there, shown)  # landed already: what is new is partitions
            written = time.perf_counter() - start
            os.environ.pop("QPV_SPARK")
            opening, seconds = _by_spark(layout, url)
        if workers == 1:
            print(f"  (atterrissage et jugement {plain:.1f} s)", flush=True)
            _said("partitions écrites", written - _again(stock, there, shown))
        print(f"  {workers} nœud : grappe en marche {started:.1f} s, session {opening:.1f} s")
        _said(f"{workers} nœud, comptes", seconds)


def _again(stock: Path, data: Path, shown: object) -> float:
    """Seconds of a build whose partitions are there."""
    start = time.perf_counter()
    os.environ["QPV_SPARK"] = "spark://127.0.0.1:1"
    build(stock, data, shown)  # type: ignore[arg-type]
    os.environ.pop("QPV_SPARK")
    return time.perf_counter() - start


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
