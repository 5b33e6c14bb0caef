"""What plausibility does to a release: an impossible start leaves, a contradiction stops it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from orchestration.defs.quality_checks import plausibility_door
from orchestration.defs.resources import Reglages
from quality.plausibility.findings import Finding
from quality.plausibility.page import PAGE, render
from quality.plausibility.rules import REGLES
from quality.plausibility.withhold import withheld, withhold

CA, MINIMA = "EPCI:200042190", "nb_allocataires_minima_sociaux"


def _finding(regle: str, severite: str, grandeur: str = "evolution_nb") -> Finding:
    return Finding(regle, severite, "EPCI:1", "nb", "2016", grandeur, "3 contre 6.")


def _rows(release: Path, table: str) -> list[dict]:
    rows = pq.read_table(release / "tables" / f"{table}.parquet").to_pylist()
    return [r for r in rows if (r["code_territoire"], r["code_indicateur"]) == (CA, MINIMA)]


def test_the_impossible_evolution_of_a_published_fiche_is_nowhere(sample_release: Path) -> None:
    levels = {r["periode"]: r for r in _rows(sample_release, "fct_indicateur")}
    assert levels["2021-12-31"]["valeur"] == 11248
    start = levels["2016-12-31"]
    assert (start["valeur"], start["statut"]) == (None, "sans_objet")
    (evolution,) = _rows(sample_release, "fct_evolution")
    assert [evolution[k] for k in ("evolution_nb", "evolution_pct", "evolution_pts")] == [None] * 3
    assert evolution["statut"] == "non_comparable"
    assert "3 779, contre 6 675" in evolution["motif"]
    page = (sample_release / "fiches" / "annexes" / "epci" / "200042190.html").read_text(
        encoding="utf-8"
    )
    assert not [text for text in ("7 469", "7\u202f469", "7\u00a0469", "197,6") if text in page]


def test_the_report_tells_what_was_taken_out_and_what_was_accepted(sample_release: Path) -> None:
    report = json.loads((sample_release / "qualite" / "rapport.json").read_text(encoding="utf-8"))
    found = report["plausibilite"]
    assert {(f["regle"], f["territoire"], f["indicateur"]) for f in found["retires"]} == {
        ("P02", CA, MINIMA),
        ("P10", CA, MINIMA),
    }
    assert [f["severite"] for f in found["ouverts"]].count("bloquant") == 0
    assert [f["regle"] for f in found["acceptes"]] == ["P04"]
    assert found["caducs"] == []
    page = (sample_release / "qualite" / "rapport.html").read_text(encoding="utf-8")
    assert "3 779, contre 6 675" in page


@pytest.mark.parametrize(
    ("severite", "passes"), [("bloquant", False), ("a_verifier", True), ("information", True)]
)
def test_only_a_contradiction_stops_the_release(
    severite: str, passes: bool, tmp_path: Path
) -> None:
    (tmp_path / "build").mkdir()
    findings = {"ouverts": [_finding("P04", severite).as_dict()]}
    (tmp_path / "build" / "plausibilite.json").write_text(json.dumps(findings), encoding="utf-8")
    reglages = Reglages(data=str(tmp_path))
    result = plausibility_door(reglages)
    assert result.passed is passes
    path = reglages.doors / "porte_plausibilite.json"
    recorded = json.loads(path.read_text(encoding="utf-8"))
    assert recorded["passe"] is passes


def test_a_door_says_the_first_failures_and_how_many_are_left(tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    findings = [replace(_finding("P04", "bloquant"), phrase=f"faute {n}.") for n in range(7)]
    text = json.dumps({"ouverts": [f.as_dict() for f in findings]})
    (tmp_path / "build" / "plausibilite.json").write_text(text, encoding="utf-8")
    reglages = Reglages(data=str(tmp_path))
    said = plausibility_door(reglages).description
    assert "faute 4" in said and "faute 5" not in said and "et 2 de plus" in said
    kept = (reglages.doors / "porte_plausibilite.json").read_text("utf-8")
    assert "faute 6" in kept


def test_only_an_impossible_start_takes_figures_out() -> None:
    start, jump = _finding("P02", "bloquant"), _finding("P10", "a_verifier")
    others = [_finding("P02", "a_verifier"), _finding("P04", "bloquant", "niveau")]
    assert withheld([start, jump, *others[1:]]) == [start, jump]
    assert withheld([jump, *others]) == []


def test_withholding_touches_the_start_and_its_evolution_alone() -> None:
    con = duckdb.connect()
    con.execute("create schema marts")
    con.execute(
        "create table marts.fct_indicateur as select * from (values "
        "('EPCI:1', 'nb', '2016', 3.0, 'diffuse', null::varchar), ('EPCI:1', 'nb', '2021', 9.0,"
        " 'diffuse', null), ('EPCI:2', 'nb', '2016', 5.0, 'diffuse', null)) "
        "as t(code_territoire, code_indicateur, periode, valeur, statut, motif)"
    )
    con.execute(
        "create table marts.fct_evolution as select * from (values "
        "('EPCI:1', 'nb', '2021', '2016', 6.0, 200.0, null::double, 'diffuse', 'comparable',"
        " null::varchar),"
        "('EPCI:2', 'nb', '2021', '2016', 1.0, 20.0, null, 'diffuse', 'comparable', null))"
        " as t(code_territoire,"
        " code_indicateur, periode, periode_comparaison, evolution_nb, evolution_pct,"
        " evolution_pts, statut, comparabilite, motif)"
    )
    con.execute(
        "create table marts.fct_ecart as select * from (values "
        "('EPCI:1', 'FRMETRO', 'nb', '2021', '2016'), ('EPCI:1', 'FRMETRO', 'nb', '2021', '2019'),"
        "('QP1', 'EPCI:1', 'nb', '2016', null), ('EPCI:2', 'FRMETRO', 'nb', '2021', '2016'))"
        " as t(code_territoire, code_reference, code_indicateur, periode, periode_comparaison)"
    )
    con.execute(
        "create table marts.fct_position as select 'EPCI:1' as code_territoire, 'nb' as"
        " code_indicateur, '2016' as periode_comparaison, 1 as rang_mouvement, 9 as nb_mouvement,"
        " 'mieux' as mouvement"
    )
    withhold(con, [_finding("P02", "bloquant")])
    levels = con.execute("select valeur, statut, motif from marts.fct_indicateur order by all")
    assert set(levels.fetchall()) == {
        (9.0, "diffuse", None),
        (5.0, "diffuse", None),
        (None, "sans_objet", "retiré par la règle P02 : 3 contre 6"),
    }
    kept = con.execute(
        "select evolution_nb, evolution_pct, comparabilite from marts.fct_evolution order by all"
    )
    assert set(kept.fetchall()) == {
        (None, None, "non_comparable"),
        (1.0, 20.0, "comparable"),
    }
    gaps = con.execute("select code_territoire, periode_comparaison from marts.fct_ecart")
    assert set(gaps.fetchall()) == {("EPCI:1", "2019"), ("EPCI:2", "2016")}
    moves = con.execute("select rang_mouvement, mouvement from marts.fct_position")
    assert moves.fetchall() == [(None, None)]


def test_the_page_of_the_rules_is_the_one_they_give() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(page)
    assert all(f"| {rule.numero} | {rule.titre} |" in page for rule in REGLES.values())
