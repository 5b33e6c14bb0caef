"""The ways of reading that docs/lac.md gives, run as written: the same rows, and their times."""

from __future__ import annotations

import os
import re
import shutil
import site
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import TOOLS
from tests.lake.day import Day
from tests.lake.servers import HOST, SeaweedFS
from warehouse import connect

PAGE = Path(__file__).parents[2] / "docs" / "lac.md"
#: Snippets by the heading that they follow.
PYTHON, DUCKDB, R, PARQUET = (
    "Python, avec ce paquet",
    "Ligne de commande DuckDB",
    "R",
    "Sans PostgreSQL ni DuckDB",
)


def snippet(heading: str) -> str:
    """The first block of code below a heading of the page."""
    found = re.search(rf"### {heading}\n.*?```\w+\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found, heading
    return found[1]


@pytest.fixture
def bench(day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An analyst's desk: an account, the extensions that `install` would have fetched."""
    for name, value in day.lake.environment("lecteur").items():
        monkeypatch.setenv(name, value)
    [version] = {path.parent.name for path in _extensions()}
    for platform in ("linux_amd64", "linux_arm64"):
        own = tmp_path / ".duckdb" / "extensions" / version / platform
        own.mkdir(parents=True)
        for path in _extensions():
            (own / path.name).symlink_to(path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{TOOLS}:{os.environ['PATH']}")
    return tmp_path


def _extensions() -> list[Path]:
    places = [Path(place) for place in site.getsitepackages()]
    return [file for place in places for file in place.rglob("*.duckdb_extension")]


def _here(text: str, day: Day) -> str:
    """A snippet with the addresses of these servers in place of the page's."""
    catalogue, storage = day.lake.catalogue, day.lake.storage
    with connect("lac") as con:
        [(schema,)] = con.execute("select current_schema()").fetchall()
    for written, meant in (
        ("host=lac.exemple.fr dbname=qpv user=camille",
         f"host={HOST} port={catalogue.port} dbname={day.lake.base} user=lecteur"),
        ("s3.exemple.fr", f"{HOST}:{storage.port}"),
        ("use_ssl true", "use_ssl false"),
        ('scheme="https"', 'scheme="http"'),
        ("qpv/lac/p_2022_…", f"{SeaweedFS.SEAU}/{day.lake.base}/{schema}"),
    ):  # fmt: skip
        text = text.replace(written, meant)
    assert "exemple.fr" not in text and "…" not in text
    return text


def _run(what: str, *words: str, where: Path) -> str:
    start = time.monotonic()
    done = subprocess.run(words, capture_output=True, text=True, cwd=where, check=False)
    assert done.returncode == 0, done.stderr
    print(f"\n{what} : {time.monotonic() - start:.1f} s")
    return done.stdout


def _rows() -> int:
    with connect("lac") as con:
        query = "select count(*) from fct_indicateur where code_indicateur = 'nb_defm_abc'"
        [(rows,)] = con.execute(query).fetchall()
    assert rows
    return rows


def test_python_reads_the_lake(day: Day, bench: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bench / "lire.py").write_text(_here(snippet(PYTHON), day))
    monkeypatch.setenv("PYTHONPATH", str(PAGE.parents[1]))
    rows, missing = _run(PYTHON, sys.executable, "lire.py", where=bench).split()
    assert int(rows) == _rows() and int(missing) > 0


def test_the_command_line_reads_the_lake(day: Day, bench: Path) -> None:
    (bench / "chiffres.sql").write_text(_here(snippet(DUCKDB), day))
    told = _run(DUCKDB, "duckdb", "-f", "chiffres.sql", where=bench).splitlines()
    assert told[0] == "code_territoire,perimetre,periode,valeur,statut"
    assert len(told) == 1 + _rows()


def test_r_reads_the_lake(day: Day, bench: Path) -> None:
    if not shutil.which("Rscript"):
        assert not os.environ.get("CI"), "Rscript n'est pas là : apt-get install r-base-core"
        pytest.skip("Rscript n'est pas là : apt-get install r-base-core")
    (bench / "chiffres.sql").write_text(_here(snippet(DUCKDB), day))
    (bench / "lire.R").write_text(snippet(R))
    told = _run(R, "Rscript", "lire.R", where=bench)
    assert told.splitlines()[0] == f"[1] {_rows()}" and "diffuse" in told


def test_what_reads_s3_alone_reads_the_lake(day: Day, bench: Path) -> None:
    (bench / "lire.py").write_text(_here(snippet(PARQUET), day))
    assert int(_run(PARQUET, sys.executable, "lire.py", where=bench)) == _rows()
