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
from warehouse.publication.classeurs.write import About, write_workbooks

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
        con.execute(
            "update fct_indicateur set valeur = 232.45 where code_territoire = 'QP001003'"
            " and code_indicateur = 'nb_defm_abc'"
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
        con.execute(
            "insert into fct_indicateur values"
            " ('QP001001', 'qpv', '2015', 'population_municipale', '2013', null, null, 1100.4,"
            " 'diffuse', null, 'insee_a', '2022', false),"
            " ('QP001001', 'qpv', '2015', 'population_municipale', '2010', null, null, 555.5,"
            " 'secret_producteur', 'masqué', 'insee_a', '2022', false),"
            " ('COM:01004', 'commune', '', 'population_municipale', '2018', null, null, 15554.5,"
            " 'diffuse', null, 'insee_a', '2022', true)"
        )
        con.execute(
            "insert into dim_territoire (code_territoire, type_territoire, libelle, libelle_long,"
            " perimetre) values ('COM:01004', 'commune', 'Ambérieu', 'Ambérieu', '')"
        )
        con.execute(
            "insert into fct_ecart (code_territoire, perimetre, code_indicateur, reference,"
            " code_reference) values ('QP001001', '2015', 'x', 'commune', 'COM:01004')"
        )
        con.execute(
            "delete from fct_evolution where code_territoire = 'QP001001';"
            "insert into dim_comparabilite values ('population_municipale', 'qpv', '', '2018',"
            " '2013', 'comparable', null)"
        )
        con.execute(
            "insert into dim_territoire (code_territoire, type_territoire, libelle, libelle_long,"
            " perimetre) values ('QN00101N', 'qpv', 'Sans chiffre', 'Sans chiffre', '2024');"
            "insert into pont_qpv_epci (code_qpv, perimetre, code_epci)"
            " values ('QN00101N', '2024', '200000001')"
        )
        con.execute("update dim_indicateur set arrondi = 0 where code_indicateur like 'pop%'")
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


def test_the_first_sheet_has_a_row_per_territory_rounded_as_displayed(classeur: Path) -> None:
    rows = CalamineWorkbook.from_path(classeur).get_sheet_by_name("Tableau").to_python()
    titles, periods, sources = rows[2:5]
    assert titles[:3] == ["Territoire", "Ce que c'est", "Code"]
    population, seekers = titles.index("population_municipale (%)"), titles.index("nb_defm_abc (%)")
    assert periods[population] == 2018 or periods[population] == "2018"
    assert sources[population] == "Insee, une base"
    shown = {row[2]: row for row in rows[5:] if row[2]}
    assert shown["QP001001"][population] == 1000 and shown["QP001001"][seekers] == 0
    assert shown["COM:01004"][population] == 15555  # of 15554.5, half away from zero
    assert shown["QP001002"][seekers] == "nd" and shown["QP001003"][seekers] == 232.5  # of 232.45
    assert [*shown][-1] == "COM:01004" and "QN00101N" not in shown
    assert any(str(row[0]).startswith("s : ") for row in rows)


def test_the_first_sheet_prints_on_one_page_across(classeur: Path) -> None:
    with zipfile.ZipFile(classeur) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode("utf-8")
        names = book.read("xl/workbook.xml").decode("utf-8")
    assert re.search(r'<pageSetUpPr fitToPage="1"/>', sheet)
    assert re.search(r'<pageSetup [^>]*fitToHeight="0"[^>]*orientation="landscape"', sheet)
    assert "_xlnm.Print_Titles" in names


def test_a_series_has_a_column_per_period_and_says_what_may_be_compared(classeur: Path) -> None:
    [row] = [
        r
        for r in lines(classeur, "Séries")
        if (r["Code du territoire"], r["Code de l'indicateur"])
        == ("QP001001", "population_municipale")
    ]
    assert (row["2010"], row["2013"], row["2018"]) == ("nd", 1100.4, 1000)
    assert row["Périodes qui se comparent"] == "2013 → 2018"
    assert row["Ce qui manque, et pourquoi"] == "2010 : masqué"
    assert "insee_a 2022" in row["Sources"]


def test_no_masked_value_is_in_the_workbook(classeur: Path) -> None:
    with zipfile.ZipFile(classeur) as book:
        for name in book.namelist():
            xml = book.read(name).decode("utf-8")
            assert not re.search(r"<v>(?:77\.7|555\.5)</v>", xml), name


def test_evolutions_are_those_that_exist(classeur: Path) -> None:
    found = lines(classeur, "Évolutions")
    assert {r["Code du territoire"]: r["Évolution"] for r in found} == {
        "QP001002": 0.0,
        "QP001003": 150.0,
        "QPV@EPCI:200000001": -100.0,
    }


def test_no_text_is_a_formula_and_no_link_is_but_to_our_pages(classeur: Path) -> None:
    with zipfile.ZipFile(classeur) as book:
        parts = {name: book.read(name).decode("utf-8") for name in book.namelist()}
    for name, xml in parts.items():
        assert not re.search(r"<f[ >]|externalLink", xml), name
        # What leads out of a workbook is our own: pages of the same release, beside it.
        led = re.findall(r'Target="([^"]+)" TargetMode="External"', xml.replace("\\", "/"))
        assert ("hyperlink" in xml) <= name.endswith(("sheet2.xml", "sheet2.xml.rels")), name
        assert led in (
            [],
            ["../fiches/epci/200000001.html", "../fiches/explorer.html", "../dictionnaire.html"],
        )
    shown = {r["Territoire"] for r in lines(classeur, "Chiffres")}
    clean = {" ".join(label.split()) for label in HOSTILES}
    assert clean <= shown
    rows = CalamineWorkbook.from_path(classeur).get_sheet_by_name("Tableau").to_python()
    assert clean <= {row[0] for row in rows}


def test_a_sheet_says_how_to_read(classeur: Path) -> None:
    book = CalamineWorkbook.from_path(classeur)
    assert book.sheet_names[:2] == ["Tableau", "Lisez-moi"]
    rows = book.get_sheet_by_name("Lisez-moi").to_python()
    first = {row[0]: row[1] for row in rows}
    assert rows[0][0] == "CA Un" and "secret" in first["s"] and "motif" in first["nd"]
    assert first["secret"] == "masquée" and "insee_c" in first
