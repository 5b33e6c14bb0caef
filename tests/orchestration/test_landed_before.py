"""A landing is not done again where all that it stood on is what it was, and only there."""

from __future__ import annotations

import ast
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import grimp
import pyarrow.parquet as pq
import pytest

from ingest import landed_before
from ingest.landed_before import LIBRARIES
from ingest.receipts import Receipt
from orchestration.defs.landing_assets import land_millesime
from orchestration.defs.resources import Reglages
from orchestration.partitions import REGISTRY
from tests.conftest import REPO

LIST, TABLE = ("anct_liste_qpv", "2015"), ("insee_demo", "2023")
#: Modules of the standard library apart, what `ingest` imports that reads no file into a table.
FETCHES = {"filelock", "requests", "tenacity", "urllib3"}
#: Names of modules that are not those of their distribution.
DISTRIBUTIONS = {"yaml": "PyYAML", "python_calamine": "python-calamine"}


@pytest.fixture
def extraits(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REPO / "ingest" / "sample", tmp_path / "extraits"))


@pytest.fixture
def reglages(tmp_path: Path, extraits: Path) -> Reglages:
    return Reglages(data=str(tmp_path / "d"), extracts=[str(extraits)], edition="2023")


def landed(reglages: Reglages) -> Receipt:
    """The receipt of the table of figures, once its list of quarters is landed too."""
    land_millesime(REGISTRY[LIST[0]], LIST[1], reglages)
    return land_millesime(REGISTRY[TABLE[0]], TABLE[1], reglages)


def parquet(reglages: Reglages) -> Path:
    return reglages.layout.landed(*TABLE)


def test_what_it_stood_on_is_as_it_was(
    reglages: Reglages, capsys: pytest.CaptureFixture[str]
) -> None:
    first, wrote = landed(reglages), parquet(reglages).stat()
    assert "inchangé" not in capsys.readouterr().err
    again = landed(reglages)
    assert parquet(reglages).stat().st_ino == wrote.st_ino  # a landing replaces its file
    assert capsys.readouterr().err.count("inchangé") == 2
    had = {"fichiers": [f.model_copy(update={"obtenu_le": ""}) for f in first.fichiers]}
    assert again.model_copy(
        update={"fichiers": [f.model_copy(update={"obtenu_le": ""}) for f in again.fichiers]}
    ) == first.model_copy(update=had)


def _other_cell(reglages: Reglages, extraits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = extraits.rglob("*DEMO_2023*")
    text = path.read_text("utf-8")
    path.write_text(text.replace("QP059059;1558;", "QP059059;1559;"), encoding="utf-8")
    assert path.read_text("utf-8") != text


def _other_declaration(reglages: Reglages, extraits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = REGISTRY[TABLE[0]]
    monkeypatch.setitem(
        REGISTRY.sources, source.id, source.model_copy(update={"titre": f"{source.titre} revu"})
    )


def _other_list(reglages: Reglages, extraits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [path] = extraits.rglob("liste-qp2015.csv")
    *lines, last = path.read_text("utf-8").rstrip("\n").split("\n")
    one = last.replace(last.split(";")[0], "QP059099")
    path.write_text("\n".join([*lines, last, one, ""]), encoding="utf-8")


def _other_code(reglages: Reglages, extraits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landed_before, "_code", lambda: "autre")


def _damaged(reglages: Reglages, extraits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = pq.read_table(parquet(reglages))
    pq.write_table(table.slice(1), parquet(reglages))


def _lost(reglages: Reglages, extraits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parquet(reglages).unlink()


@pytest.mark.parametrize(
    "change", [_other_cell, _other_declaration, _other_list, _other_code, _damaged, _lost]
)
def test_anything_else_lands_again(
    reglages: Reglages,
    extraits: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Reglages, Path, pytest.MonkeyPatch], None],
) -> None:
    landed(reglages)
    rows = pq.read_table(parquet(reglages)).num_rows
    change(reglages, extraits, monkeypatch)
    before = parquet(reglages).stat().st_ino if parquet(reglages).exists() else None
    landed(reglages)
    assert parquet(reglages).stat().st_ino != before
    assert pq.read_table(parquet(reglages)).num_rows == rows


def test_every_library_that_reads_is_in_what_a_landing_stands_on() -> None:
    found = set[str]()
    for path in (REPO / "ingest").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found.add(node.module.split(".")[0])
    outside = found - sys.stdlib_module_names - {"ingest", "warehouse"} - FETCHES
    assert {DISTRIBUTIONS.get(name, name) for name in outside} == set(LIBRARIES)
    assert outside >= {"pyarrow", "yaml", "xlrd"}


def test_every_module_that_reads_is_in_what_a_landing_stands_on() -> None:
    graph = grimp.build_graph("ingest", "quality", "warehouse", "orchestration")
    reads = {name for name in graph.modules if name.split(".")[0] == "ingest"}
    reads |= {"orchestration.defs.landing_assets", "orchestration.defs.qpv_codes"}
    used = reads.union(*(graph.find_upstream_modules(n) for n in reads if n.startswith("ingest")))
    told = {path.relative_to(REPO).with_suffix("") for path in landed_before._files()}
    names = {".".join(path.parts).removesuffix(".__init__") for path in told}
    assert used <= names
    assert used >= {"ingest.readers", "warehouse.base.errors", "warehouse.domain.types_territoire"}
