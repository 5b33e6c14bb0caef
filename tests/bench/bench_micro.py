"""Files of units: judgement and aggregation beside a bare scan of their columns, time and memory.

`python -m tests.bench.bench_micro [--etablissements N] [--logements M] [--dossier DIR]`. Each
measured query runs in its own process, with the memory limit of a build.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from ingest.archive import ArchivedFile
from ingest.micro import inspect
from ingest.plan import needed_files
from orchestration.defs.landing_assets import lists_of
from orchestration.defs.resources import Reglages
from orchestration.partitions import REGISTRY
from tests.fixtures.made_up_stock import write_stock
from tests.fixtures.micro_warehouse import RPLS, SIRENE, build, dbt, edition
from warehouse.base.layout import Layout
from warehouse.release.connect import MEMORY_LIMIT

ROUNDS = 2
#: What the models read of each view; a date is summed as a number of days.
COLUMNS = {
    SIRENE: "code etat date_creation tranche_effectifs activite nomenclature statut_diffusion",
    "insee_sirene_geolocalisation": "code qualite_xy code_qpv_actuel qualite_qpv_actuel "
    "code_qpv_ancien qualite_qpv_ancien",
    "insee_sirene_unites_legales": "code categorie_juridique",
    RPLS: "code est_declare code_qpv_actuel qualite_qpv_actuel code_qpv_ancien qualite_qpv_ancien "
    "qualite_xy type_construction nb_pieces annee_construction etiquette_energie",
}
WORK = {
    "Sirene": ([SIRENE, "insee_sirene_geolocalisation", "insee_sirene_unites_legales"], "sirene"),
    "RPLS": ([RPLS], "rpls"),
}


def models_of(family: str) -> list[str]:
    """The models that count the units of a family of files, in order."""
    return [f"int_{family}__comptes", f"int_{family}__qpv"]


def scan_sql(view: str) -> str:
    """Count and sum of the columns of a view."""
    sums = []
    for column in COLUMNS[view].split():
        size = (
            "date_diff('day', date '2000-01-01', {})" if "date" in column else "strlen({}::varchar)"
        )
        sums.append(f"count({column}), sum({size.format(column)})")
    return f"select {', '.join(sums)} from landing.{view}"


def model_sql(layout: Layout, name: str) -> str:
    """A model as dbt compiled it, as a table of a scratch schema."""
    path = layout.dbt_target / "compiled" / "qpv" / "models/intermediate/unites" / f"{name}.sql"
    return f"create or replace table intermediate.{name} as {path.read_text(encoding='utf-8')}"


def measured(layout: Layout, statements: list[str]) -> tuple[float, float]:
    """(wall seconds, peak resident GiB) of statements in a process of their own."""
    script = layout.root / "mesure.sql"
    script.write_text("\n;;\n".join(statements), encoding="utf-8")
    return in_a_child(layout, "--execute", str(layout.root))


def in_a_child(layout: Layout, *words: str) -> tuple[float, float]:
    """(wall seconds, peak resident GiB) of this module called with these words."""
    child = subprocess.Popen([sys.executable, "-m", "tests.bench.bench_micro", *words])
    _, status, usage = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("une mesure a échoué")
    seconds = float((layout.root / "mesure.txt").read_text(encoding="utf-8"))
    return seconds, usage.ru_maxrss / (1 << 20)


def judge(root: Path, stock: Path, sources: list[str]) -> None:
    """The child: judge the files of these sources, write the seconds that it took."""
    reglages = Reglages(data=str(root), extracts=[str(stock)])
    shown = edition("2024", "2019")
    millesimes = {s: m for s, m in needed_files(shown, REGISTRY) if s in sources}
    start = time.perf_counter()
    for source_id, millesime in millesimes.items():
        source = REGISTRY[source_id]
        [name] = [
            n for p in source.parts_of(millesime) for n in p.fichiers if (stock / n).is_file()
        ]
        archived = ArchivedFile(stock / name, "0", 0, name, name, "", None, True)
        lists = lists_of(reglages.layout, source, reglages)
        inspect(source, millesime, archived, out=root / "juge.parquet", lists=lists)
    (root / "mesure.txt").write_text(str(time.perf_counter() - start), encoding="utf-8")


def execute(root: Path) -> None:
    """The child: run the statements, write the seconds that they took."""
    layout = Layout(root)
    config = {"memory_limit": MEMORY_LIMIT, "threads": 2}
    with duckdb.connect(str(layout.warehouse_db), config=config) as con:
        start = time.perf_counter()
        for statement in (root / "mesure.sql").read_text(encoding="utf-8").split("\n;;\n"):
            con.execute(statement).fetchall()
        seconds = time.perf_counter() - start
    (root / "mesure.txt").write_text(str(seconds), encoding="utf-8")


def bench(folder: Path, etablissements: int, logements: int) -> None:
    """Print one line per family of files."""
    stock, data = folder / "stock", folder / "data"
    start = time.perf_counter()
    if not stock.is_dir():
        print("fichiers inventés, quelques minutes :", flush=True)
        write_stock(stock, etablissements=etablissements, logements=logements)
    print(f"fichiers inventés : {time.perf_counter() - start:.0f} s", flush=True)
    layout = build(stock, data, edition("2024", "2019"))
    measured_models = [m for _, family in WORK.values() for m in models_of(family)]
    upstream = [f"+{model}" for model in measured_models]
    dbt(layout, "run", "--select", *upstream, "--exclude", *measured_models)
    dbt(layout, "compile", "--select", *measured_models)
    with duckdb.connect(str(layout.warehouse_db)) as con:
        for view in COLUMNS:
            [(rows,)] = con.execute(f"select count(*) from landing.{view}").fetchall()
            print(f"  {view} : {rows:,} lignes".replace(",", " "), flush=True)
    for name, (views, family) in WORK.items():
        models = models_of(family)
        best: dict[str, tuple[float, float]] = {}
        for _ in range(ROUNDS):  # the first round also warms the page cache for both
            for what, statements in (
                ("lecture", [scan_sql(view) for view in views]),
                ("agrégation", [model_sql(layout, model) for model in models]),
            ):
                best[what] = min(best.get(what, (9e9, 0)), measured(layout, statements))
            words = ["--juger", *views, "--dossier", str(folder)]
            best["jugement"] = min(best.get("jugement", (9e9, 0)), in_a_child(layout, *words))
        (scan, scan_peak), (work, peak) = best["lecture"], best["agrégation"]
        seconds, judge_peak = best["jugement"]
        print(
            f"{name} : agrégation {work:.1f} s, {peak:.2f} Gio ; lecture nue {scan:.1f} s, "
            f"{scan_peak:.2f} Gio ; rapport {work / scan:.2f} ; jugement {seconds:.1f} s, "
            f"{judge_peak:.2f} Gio, rapport {seconds / scan:.2f}",
            flush=True,
        )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--etablissements", type=int, default=42_000_000)
    parser.add_argument("--logements", type=int, default=5_400_000)
    parser.add_argument("--dossier", type=Path, help="gardé, et repris s'il est déjà là")
    parser.add_argument("--execute", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--juger", nargs="+", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.execute:
        execute(args.execute)
    elif args.juger:
        judge(args.dossier / "data", args.dossier / "stock", args.juger)
    elif args.dossier:
        bench(args.dossier, args.etablissements, args.logements)
    else:
        with tempfile.TemporaryDirectory() as folder:
            bench(Path(folder), args.etablissements, args.logements)


if __name__ == "__main__":
    main()
