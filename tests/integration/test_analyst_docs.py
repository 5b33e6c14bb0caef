"""What the guide and the notebook for analysts tell to type works on the sample."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest

from tests.conftest import REPO
from warehouse import connect
from warehouse.release.requetes import DOSSIER, requetes

NOTEBOOK = REPO / "docs" / "analyse.ipynb"
GUIDE = (REPO / "docs" / "analystes.md").read_text(encoding="utf-8")


@pytest.fixture
def at_the_sample(
    sample_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """Where an analyst stands: a data folder, and a working directory that holds nothing."""
    monkeypatch.setenv("QPV_DATA", str(sample_data))
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def blocks(language: str) -> list[str]:
    """The blocks of code of the guide in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.M | re.S)


@pytest.mark.usefixtures("at_the_sample")
def test_the_notebook_runs_from_top_to_bottom() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], len({c["id"] for c in notebook["cells"]})) == (
        4,
        len(notebook["cells"]),
    )
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    # No figure is kept in the repository: they belong to releases.
    assert all(c["outputs"] == [] and c["execution_count"] is None for c in cells)
    names: dict = {}
    for number, cell in enumerate(cells):
        exec(compile("".join(cell["source"]), f"cellule {number}", "exec"), names)
    assert round(names["ensemble"]["valeur_ensemble"], 1) == 47.0
    assert "12 des 13" in names["ensemble"]["motif_ensemble"]
    assert len(names["femmes"]) == len(names["ecarts"]) == 13
    assert len(names["evolutions"]) == len(names["tableau"]) == 15
    assert names["absents"]["motif"].notna().all()
    assert len(names["citation"]) == 1


@pytest.mark.usefixtures("at_the_sample")
def test_the_guide_s_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict = {}
    found = blocks("python")
    assert len(found) == 2
    for number, block in enumerate(found):
        exec(compile(block, f"bloc {number}", "exec"), names)
    assert "non_disponible" in capsys.readouterr().out


def test_the_guide_s_sql_runs(sample_data: Path) -> None:
    [block] = blocks("sql")
    with connect(sample_data) as con:
        assert len(con.execute(block).fetchall()) == 13
        text = (DOSSIER / "chiffres_absents.sql").read_text(encoding="utf-8")
        con.execute(f"prepare question as {text}")
        assert con.execute("execute question(epci := '200042190')").fetchall()


def test_the_guide_lists_every_query_with_its_parameters() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|$", GUIDE, re.M))
    assert set(listed) >= set(requetes())
    for name, parameters in requetes().items():
        assert set(re.findall(r"`(\w+)`", listed[name])) == parameters, name


def test_the_guide_names_every_statut(sample_release: Path) -> None:
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        found = con.execute(
            "select statut from fct_indicateur union select statut from fct_evolution"
        ).fetchall()
    assert all(f"`{statut}`" in GUIDE for (statut,) in found)
