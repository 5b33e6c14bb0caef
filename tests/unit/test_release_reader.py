"""What the one reading of a release promises to all that is made of one."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.unit.test_fiche_donnees import write_release
from warehouse.release.reader import Reader
from warehouse.release.relations import expose

REPO = Path(__file__).parents[2]
#: A set of the small release, with figures in both perimeters.
ENSEMBLE = "QPV@EPCI:200000001"


@pytest.fixture
def con(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(path), read_only=True) as con:
        yield con


def test_a_value_is_read_only_where_its_statut_is_diffuse(con) -> None:
    held = con.sql("select valeur from fct_indicateur where statut = 'secret_producteur'")
    assert (77.7,) in held.fetchall()  # the row holds it: whoever reads must not see it
    found = {c.statut: c for c in Reader(con).chiffres(indicateurs=["part_defm"])}
    assert found["secret_producteur"].valeur is None and found["secret_producteur"].motif
    assert found["diffuse"].valeur is not None


def test_an_evolution_has_figures_only_where_its_statut_is_diffuse(tmp_path: Path) -> None:
    path = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(path)) as con:
        con.execute("update fct_evolution set statut = 'secret'")
        assert {(e.nb, e.pct, e.pts) for e in Reader(con).evolutions()} == {(None, None, None)}


def test_a_figure_says_which_of_the_two_periods_it_is_of(con) -> None:
    read = Reader(con).chiffres(
        indicateurs=["population_municipale"], territoires=[ENSEMBLE], perimetres=["2015"]
    )
    assert {(c.role, c.periode, c.valeur) for c in read} == {
        ("niveau", "2018", 6000.0),
        ("comparaison", "2013", 6100.0),
    }


def test_a_figure_of_no_source_is_a_level_without_a_period(con) -> None:
    read = [*Reader(con).chiffres(indicateurs=["revenu_median"])]
    assert read and {(c.role, c.periode) for c in read} == {("niveau", None)}


def test_a_reading_keeps_to_what_it_is_asked(con) -> None:
    reader = Reader(con)
    read = [*reader.chiffres(territoires=[ENSEMBLE], perimetres=["2024"])]
    assert {(c.code_territoire, c.perimetre, c.valeur) for c in read} == {(ENSEMBLE, "2024", 999.0)}
    assert [*reader.chiffres(territoires=[])] == []
    assert [t.code for t in reader.territoires(types=["departement"])] == ["DEP:01"]


def test_a_code_is_a_text_whatever_is_written_in_it(con) -> None:
    reader = Reader(con)
    assert reader.territoires(codes=["x') or ('' = '"]) == []
    assert len(reader.territoires()) > 1


def test_a_perimeter_that_no_row_says_is_empty_not_null(tmp_path: Path) -> None:
    path = write_release(tmp_path / "qpv.duckdb")
    with duckdb.connect(str(path)) as con:
        con.execute("update dim_territoire set perimetre = null where code_territoire = 'FRMETRO'")
        [france] = Reader(con).territoires(codes=["FRMETRO"], perimetres=[""])
        assert france.perimetre == ""


def test_the_epci_of_a_quarter_come_with_the_main_one_first(con) -> None:
    read = Reader(con).epci(qpv=["QP001003"])
    assert [row.code for row in read] == ["200000001", "200000002"]


def test_two_releases_are_read_side_by_side(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        for name in ("avant", "apres"):
            con.execute(f"attach '{write_release(tmp_path / f'{name}.duckdb')}' as {name}")
            expose(con, "chiffres", of=name, under=name)
        con.execute("delete from apres.fct_indicateur")
        counted = [
            con.sql(f"select count(*) from {name}_chiffres").fetchone()
            for name in ("avant", "apres")
        ]
    assert counted[0] != (0,) and counted[1] == (0,)


def test_what_reads_a_release_names_none_of_its_tables() -> None:
    """Of queries: words and titles may name them. Dagster's own checks count rows of two."""
    named = re.compile(r"\b(?:from|join)\s+\(?(?:\w+\.)*(?:fct_|dim_|pont_|passage_qpv)\w*")
    queries = {
        path.relative_to(REPO).as_posix()
        for room in ("ingest", "quality", "warehouse")
        for path in (REPO / room).rglob("*.py")
        if named.search(path.read_text(encoding="utf-8"))
    }
    assert queries == {"warehouse/release/territory_lookup.py"}


def test_a_fiche_waits_for_no_library_of_columns(tmp_path: Path) -> None:
    """numpy, pandas and pyarrow take half a second to import: half of what `qpv fiche` takes."""
    path = write_release(tmp_path / "qpv.duckdb")
    script = f"""
import sys, duckdb
from pathlib import Path
from tests.unit.test_fiche_donnees import DICTIONNAIRE, EDITION
from warehouse.publication.fiches.render import render_fiches
from warehouse.release.territory_lookup import find_code
with duckdb.connect({str(path)!r}, read_only=True) as con:
    code = find_code(con, "qp001003")
render_fiches(Path({str(path)!r}), Path({str(tmp_path)!r}), dictionary=DICTIONNAIRE,
    edition=EDITION, release_id="2023-x", codes=[code], entourage=Path({str(tmp_path)!r}))
print(sorted({{"numpy", "pandas", "pyarrow"}} & sys.modules.keys()))
"""
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert ran.stdout.splitlines()[-1] == "[]"
