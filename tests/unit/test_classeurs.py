"""A workbook shows the release's figures, and no text in it is anything but text."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from tests.unit.test_fiche_donnees import SECRET, write_release
from warehouse.publication.classeurs import About, write_workbooks

HOSTILES = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "http://x.fr/", "{=1}"]
STATUTS = {"diffuse": "publiée", "secret": "masquée"}


@pytest.fixture(scope="module")
def classeur(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classeurs")
    with duckdb.connect(str(write_release(folder / "qpv.duckdb"))) as con:
        con.execute("update dim_indicateur set libelle = code_indicateur, unite = '%', arrondi = 1")
        con.execute(
            "update fct_indicateur set statut = 'secret', valeur = 4 "
            "where code_territoire = 'QP001003' and code_indicateur = 'part_defm'"
        )
        for rank, label in enumerate(HOSTILES):
            con.execute(
                "insert into dim_territoire (code_territoire, type_territoire, libelle, "
                "libelle_long, perimetre) values (?, 'qpv', ?, ?, '2015')",
                [f"QP00200{rank}", label, label],
            )
            con.execute(
                "insert into pont_qpv_epci (code_qpv, perimetre, code_epci) values (?, '2015', ?)",
                [f"QP00200{rank}", "200000001"],
            )
            con.execute(
                "insert into fct_indicateur values (?, 'qpv', '2015', 'population_municipale', "
                "'2018', null, null, 10, 'diffuse', ?, 'insee_a', '2022', true)",
                [f"QP00200{rank}", label],
            )
    about = About("2023-x", "Édition 2023", datetime.now(UTC))
    paths = write_workbooks(folder, about, STATUTS)
    assert [p.name for p in paths] == ["200000001.xlsx", "200000002.xlsx"]
    return paths[0]


def lines(classeur: Path, sheet: str) -> list[dict]:
    header, *rows = CalamineWorkbook.from_path(classeur).get_sheet_by_name(sheet).to_python()
    return [dict(zip(header, row, strict=True)) for row in rows]


def figures(classeur: Path) -> dict[tuple[str, str], dict]:
    rows = lines(classeur, "Chiffres")
    return {(r["Code du territoire"], r["Code de l'indicateur"]): r for r in rows}


def test_figures_are_those_of_the_release(classeur: Path) -> None:
    found = figures(classeur)
    kept = found["QP001001", "part_defm"]
    assert (kept["Valeur"], kept["Période"], kept["Statut"]) == (12.25, "2021-12-31", "diffuse")
    assert found["QPV@EPCI:200000001", "population_municipale"]["Valeur"] == 6000
    assert found["EPCI:200000001", "population_municipale"]["Valeur"] == 158837
    assert ("QPV@EPCI:200000002", "part_defm") not in found  # another EPCI's
    assert ("QP001001", "revenu_median") not in found  # no period in this edition


def test_what_is_masked_shows_s_and_what_is_missing_nd(classeur: Path) -> None:
    found = figures(classeur)
    ours, producer = found["QP001003", "part_defm"], found["QP001002", "part_defm"]
    assert (ours["Valeur"], ours["Statut"]) == ("s", "secret")
    assert (producer["Valeur"], producer["Motif ou réserve"]) == ("nd", SECRET)


def test_evolutions_are_those_that_exist(classeur: Path) -> None:
    found = lines(classeur, "Évolutions")
    assert {r["Code du territoire"]: r["Évolution"] for r in found} == {
        "QP001002": 0.0,
        "QP001003": 150.0,
        "QPV@EPCI:200000001": -100.0,
    }


def test_no_text_is_a_formula_or_a_link(classeur: Path) -> None:
    with zipfile.ZipFile(classeur) as book:
        parts = {name: book.read(name).decode("utf-8") for name in book.namelist()}
    for name, xml in parts.items():
        assert not re.search(r"<f[ >]|hyperlink|externalLink", xml), name
    shown = {r["Territoire"] for r in lines(classeur, "Chiffres")}
    assert {" ".join(label.split()) for label in HOSTILES} <= shown


def test_the_first_sheet_says_how_to_read(classeur: Path) -> None:
    rows = CalamineWorkbook.from_path(classeur).get_sheet_by_name("Lisez-moi").to_python()
    first = {row[0]: row[1] for row in rows}
    assert rows[0][0] == "CA Un" and "secret" in first["s"] and "motif" in first["nd"]
    assert first["secret"] == "masquée" and "insee_c" in first
