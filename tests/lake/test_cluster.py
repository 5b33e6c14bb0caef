"""Units counted on a Spark cluster on loopback: DuckDB's counts, cell by cell, each month once."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from orchestration.defs.dbt_refusals import dbt_refusal
from tests.conftest import REPO, run_qpv
from tests.equal_releases import differences
from tests.fixtures import made_up_edition, monthly_stock
from tests.fixtures.micro_warehouse import build
from tests.lake import cluster_runs
from tests.lake.servers import HOST, free_port
from tests.lake.spark_servers import Master, Worker
from warehouse.base.layout import Layout
from warehouse.cluster.counted import told
from warehouse.lake.access import Lac
from warehouse.lake.sending import send

MONTHS = [f"2025-{m:02d}" for m in (10, 11, 12)] + [f"2026-{m:02d}" for m in range(1, 10)]
#: CI counts a tenth of them: all of them take seven minutes of a shared machine of two cores.
PART = 10 if os.environ.get("CI") else 1
ETABLISSEMENTS, LOGEMENTS = 4_000_000 // PART, 1_000_000 // PART
#: Models of Sirene, which have months; dwellings have years.
BY_MONTH = [m for m in cluster_runs.COUNTED if "sirene" in m and m.endswith("comptes")]
SNIPPETS = re.findall(
    r"^```python\n(.*?)^```$",
    (REPO / "docs" / "grappe.md").read_text(encoding="utf-8"),
    re.M | re.S,
)


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Master]:
    made = Master(tmp_path_factory.mktemp("maitre"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def workers(master: Master, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Worker]]:
    made = [Worker(tmp_path_factory.mktemp(f"noeud{rank}"), master) for rank in range(2)]
    try:
        for worker in made:
            worker.start()
        yield made
    finally:
        for worker in made:
            worker.stop()


@pytest.fixture(scope="module")
def stocks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stocks")
    monthly_stock.write_months(folder, MONTHS, -(-ETABLISSEMENTS // len(MONTHS)), LOGEMENTS)
    return folder


@pytest.fixture(scope="module")
def loaded(stocks: Path) -> Callable[..., Layout]:
    """The build database of some months, in a data folder; on a cluster, said by its address."""

    def _load(data: Path, months: list[str], grappe: str = "") -> Layout:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QPV_SPARK", grappe)
            monthly_stock.declare(months, patch)
            return build(stocks, data, monthly_stock.edition_of(months))

    return _load


@pytest.fixture(scope="module")
def on_this_machine(
    loaded: Callable[..., Layout], tmp_path_factory: pytest.TempPathFactory
) -> Layout:
    layout = loaded(tmp_path_factory.mktemp("ici"), MONTHS)
    cluster_runs.run(layout, *cluster_runs.COUNTED)
    return layout


@pytest.fixture(scope="module")
def on_the_cluster(
    loaded: Callable[..., Layout],
    master: Master,
    workers: list[Worker],
    tmp_path_factory: pytest.TempPathFactory,
) -> Layout:
    """Eleven months counted, then twelve."""
    assert len(workers) == 2
    data = tmp_path_factory.mktemp("grappe")
    for months, models in ((MONTHS[:-1], BY_MONTH), (MONTHS, cluster_runs.COUNTED)):
        layout = loaded(data, months, master.url)
        layout.spark_report.unlink(missing_ok=True)
        cluster_runs.run(layout, *models, QPV_SPARK=master.url)
    return layout


def test_counts_are_duckdb_s_cell_by_cell(on_this_machine: Layout, on_the_cluster: Layout) -> None:
    for model in cluster_runs.COUNTED:
        here, there = (cluster_runs.table(one, model) for one in (on_this_machine, on_the_cluster))
        assert here[0] == there[0], model
        assert here[1] == there[1], model
    query = "select sum(nb) from intermediate.{} where perimetre = '2024'"
    with duckdb.connect(str(on_the_cluster.warehouse_db), read_only=True) as con:
        for model, at_least in (("int_sirene__comptes", 100_000), ("int_rpls__comptes", 300_000)):
            assert con.execute(query.format(model)).fetchone() > (at_least // PART,)
        for model in ("int_sirene__points_locaux", "int_rpls__ecarts", "int_sirene__situes"):
            assert con.execute(f"select count(*) from intermediate.{model}").fetchone() > (5,)


def test_a_month_is_counted_once(on_the_cluster: Layout) -> None:
    counted = {one.modele: one for one in told(on_the_cluster.spark_report)}
    assert BY_MONTH
    for model in BY_MONTH:
        assert (counted[model].comptes, counted[model].repris) == ([MONTHS[-1]], MONTHS[:-1])
        assert sorted(cluster_runs.kept_counts(on_the_cluster, model)) == MONTHS
        once = list(on_the_cluster.unit_counts.glob(f"{model}/*/*.parquet"))
        assert len(once) == len(MONTHS)


def test_a_worker_lost_in_the_middle(
    on_the_cluster: Layout, on_this_machine: Layout, master: Master, workers: list[Worker]
) -> None:
    """The run ends on the other one, or says why in a paragraph; the next one ends."""
    model = BY_MONTH[0]
    shutil.rmtree(on_the_cluster.unit_counts / model)
    running = cluster_runs.dbt_process(
        on_the_cluster, "run", "--select", model, QPV_SPARK=master.url
    )
    until = time.monotonic() + 120
    while not master.is_asked():
        assert running.poll() is None and time.monotonic() < until
        time.sleep(0.2)
    time.sleep(2)
    assert running.poll() is None
    workers[0].kill()
    if running.wait(300):
        refusal = str(dbt_refusal(on_the_cluster.dbt_target, on_the_cluster.warehouse_db))
        assert refusal.startswith("la grappe ") and "\n" not in refusal
    cluster_runs.run(on_the_cluster, model, QPV_SPARK=master.url)
    assert cluster_runs.table(on_the_cluster, model) == cluster_runs.table(on_this_machine, model)


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extraits")
    made_up_edition.write_edition(folder)
    return folder


def test_the_same_figures_are_published(
    edition: Path, master: Master, workers: list[Worker], tmp_path: Path
) -> None:
    released = []
    for name, grappe in (("ici", ""), ("grappe", master.url)):
        words = ("--extracts", str(edition), "--data", str(tmp_path / name), "--sans-documents")
        done = run_qpv("build", *words, QPV_SPARK=grappe)
        assert done.returncode == 0, done.stderr
        assert ("grappe, int_sirene__comptes : 1 compté" in done.stdout + done.stderr) == (
            bool(grappe)
        )
        assert "WARN" not in done.stdout + done.stderr
        released.append((tmp_path / name / "releases" / "latest").resolve())
    assert list(differences(*released)) == []

    # A master that is absent is said in one paragraph, and leaves the release where it was.
    away = f"spark://{HOST}:{free_port()}"
    words = ("--extracts", str(edition), "--data", str(tmp_path / "ici"), "--sans-documents")
    done = run_qpv("build", *words, QPV_SPARK=away)
    assert done.returncode == 1
    assert "le maître de la grappe ne répond pas" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert (tmp_path / "ici" / "releases" / "latest").resolve() == released[0]


def test_a_cluster_without_a_worker_is_not_waited_for(
    master: Master, workers: list[Worker], on_the_cluster: Layout
) -> None:
    for worker in workers:
        worker.stop()
    model = "int_rpls__situes"
    shutil.rmtree(on_the_cluster.unit_counts / model)
    alone = {"QPV_SPARK": master.url, "QPV_SPARK_PATIENCE": "3"}
    running = cluster_runs.dbt_process(on_the_cluster, "run", "--select", model, **alone)
    assert running.wait(180) == 1
    refusal = str(dbt_refusal(on_the_cluster.dbt_target, on_the_cluster.warehouse_db))
    assert "plus aucun nœud" in refusal
    for worker in workers:
        worker.start()


def test_spark_reads_what_is_published(
    sample_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The guide's snippets, on a release and on the files of a lake."""
    release = (sample_data / "releases" / "latest").resolve()
    lac = {"QPV_LAC": str(tmp_path / "c.ducklake"), "QPV_LAC_DONNEES": str(tmp_path / "donnees")}
    for name, value in {**lac, "QPV_DATA": str(sample_data), "QPV_SPARK": "local[1]"}.items():
        monkeypatch.setenv(name, value)
    send(Lac(lac["QPV_LAC"], lac["QPV_LAC_DONNEES"] + "/"), release)
    assert len(SNIPPETS) == 2
    names: dict = {}
    with duckdb.connect(str(release / "qpv.duckdb"), read_only=True) as con:
        expected = con.execute("select count(*) from fct_indicateur").fetchone()
    monkeypatch.setenv("SPARK_LOCAL_IP", HOST)
    try:
        for number, snippet in enumerate(SNIPPETS):
            exec(compile(snippet, f"bloc {number}", "exec"), names)
            assert (names["chiffres"].count(),) == expected
    finally:
        names["spark"].stop()
    assert "QP0590" in capsys.readouterr().out
