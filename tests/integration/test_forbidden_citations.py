"""Two periods that a rule forbids to compare: refused in a text, a table, an answer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from quality.citations.passages import Passage
from quality.citations.table_check import TableChecker
from quality.citations.text_check import TextChecker
from warehouse.declared.dictionary import load_dictionary
from warehouse.publication.answers.comparisons import between_periods
from warehouse.publication.answers.refusal import Refusal
from warehouse.publication.explain.kept_verdicts import Verdicts
from warehouse.release.connect import open_release
from warehouse.release.released_cells import Cells

RULE = "une règle de ce test"
#: Foreigners of the quarter: 937 in 2011, 1 228 in 2019.
PASSED = "Le nombre d'étrangers de QP059050 est passé de 937 en 2011 à 1 228 en 2019."
MOVED = "Le nombre d'étrangers de QP059050 a augmenté de 291 entre 2011 et 2019."


@pytest.fixture(params=["the rule", "the move"])
def forbidden(
    request: pytest.FixtureRequest, sample_release: Path, tmp_path: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The sample with one forbidden pair whose levels it has: without the move, or with it."""
    copy = shutil.copyfile(sample_release / "qpv.duckdb", tmp_path / "qpv.duckdb")
    with duckdb.connect(str(copy)) as con:
        pair = "code_indicateur = 'pop_etrangere' and periode = '2019'"
        pair += " and periode_comparaison = '2011'"
        if request.param == "the rule":
            con.execute(f"delete from fct_evolution where {pair}")
            table, changed = "dim_comparabilite", "comparabilite = 'non_comparable'"
        else:
            table = "fct_evolution"
            changed = "statut = 'non_comparable', evolution_nb = null, evolution_pct = null"
        con.execute(f"update {table} set {changed}, motif = $1 where {pair}", [RULE])
        yield con


def told(con: duckdb.DuckDBPyConnection, release: str, text: str) -> list[tuple[str, str]]:
    found = TextChecker(con, release).passages([Passage(text, "")]).chiffres
    return [(one.constat.sort, one.constat.detail) for one in found]


def test_a_text_that_compares_them_is_refused(
    forbidden: duckdb.DuckDBPyConnection, sample_release: Path
) -> None:
    refused = ("comparaison_interdite", RULE)
    assert told(forbidden, sample_release.name, PASSED) == [refused, refused]
    [moved] = told(forbidden, sample_release.name, MOVED)
    has_move = forbidden.execute("from fct_evolution where motif = $1", [RULE]).fetchone()
    assert moved == refused if has_move else moved[0] == "introuvable"
    with open_release(sample_release) as con:
        allowed = [told(con, sample_release.name, text) for text in (PASSED, MOVED)]
    assert [[sort for sort, _ in each] for each in allowed] == [["conforme"] * 2, ["conforme"]]


def test_a_program_that_asks_for_it_is_refused(
    forbidden: duckdb.DuckDBPyConnection, sample_release: Path
) -> None:
    cells, verdicts = Cells(forbidden), Verdicts(sample_release)
    of = cells.territoires["QP059050"], cells.indicateurs["pop_etrangere"]
    with pytest.raises(Refusal) as refused:
        between_periods(cells, verdicts, sample_release.name, *of, "2011", "2019")
    assert (refused.value.regle, refused.value.phrase) == ("non_comparable", RULE)
    # A move that is held back for another reason, of two figures that are given.
    forbidden.execute("update dim_comparabilite set comparabilite = 'comparable'")
    forbidden.execute("update fct_evolution set statut = 'non_diffuse' where motif = $1", [RULE])
    with pytest.raises(Refusal) as refused:
        between_periods(Cells(forbidden), verdicts, sample_release.name, *of, "2011", "2019")
    has_move = forbidden.execute("from fct_evolution where motif = $1", [RULE]).fetchone()
    assert refused.value.regle == ("non_diffuse" if has_move else "sans_evolution")


def test_a_table_that_prints_its_evolution_is_refused(
    forbidden: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    fiche = tmp_path / "fiche.csv"
    fiche.write_text("territoire,etrangers\nQP059050,291\n", encoding="utf-8")
    (tmp_path / "golden_map.csv").write_text(
        "fichier,colonne,code_indicateur,mesure,periode,periode_comparaison\n"
        "fiche,etrangers,pop_etrangere,evolution_nb,2019,2011\n",
        encoding="utf-8",
    )
    found = TableChecker(forbidden, load_dictionary()).files([fiche], None)
    assert [(c.constat.sort, c.constat.detail) for c in found.chiffres] == [
        ("comparaison_interdite", RULE)
    ]
    assert found.refuse
