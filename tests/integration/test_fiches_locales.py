"""The fiche of a perimeter that an EPCI adds, on the small release written by hand."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.integration.test_fiches import Page, render
from tests.unit.test_fiche_donnees import HOSTILE, SCRIPT, write_release

LOCAUX = [("LOC:VEILLE-1", HOSTILE, "200000001"), ("LOC:SEUL", "Poche sans EPCI", None)]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locales")
    db = write_release(folder / "qpv.duckdb")
    with duckdb.connect(str(db)) as con:
        con.execute(
            "create table pont_perimetre_qpv(code_perimetre text, code_qpv text, perimetre text,"
            " superficie_commune_ha double, part_perimetre double, part_qpv double)"
        )
        for code, libelle, siren in LOCAUX:
            con.execute(
                "insert into dim_territoire (code_territoire, type_territoire, libelle,"
                " libelle_long, perimetre, code_departement, code_epci, est_metropole)"
                " values (?, 'perimetre_local', ?, ?, '', '01', ?, true)",
                [code, libelle, f"{libelle} (quartier de veille active)", siren],
            )
        con.execute(
            "insert into pont_perimetre_qpv values ('LOC:VEILLE-1', 'QP001002', '2015', 3, 25, 50),"
            " ('LOC:VEILLE-1', 'QN00101M', '2024', 3, 60, 50)"
        )
        con.execute(
            "insert into fct_indicateur (code_territoire, type_territoire, perimetre,"
            " code_indicateur, periode, valeur, statut, en_avant) values ('LOC:VEILLE-1',"
            " 'perimetre_local', '', 'nb_defm_abc', '2021-12-31', 4321, 'diffuse', true)"
        )
    render(db, folder / "fiches")
    return folder / "fiches"


@pytest.fixture(scope="module")
def page(out: Path) -> Page:
    return Page(out / "local" / "VEILLE-1.html")


def test_its_label_is_text_and_its_page_says_what_it_is(page: Page) -> None:
    assert page.headings[0] == (1, f"{HOSTILE} (quartier de veille active)")
    assert SCRIPT not in page.source
    assert "Périmètre ajouté par l’intercommunalité, VEILLE-1" in page.source
    assert "../annexes/epci/200000001.html" in [values.get("href") for values in page.all("a")]


def test_it_shows_only_exhibits_that_it_has_a_figure_in(page: Page, out: Path) -> None:
    assert page.tables and all(
        any("321" in cell for row in table for cell in row) for table in page.tables.values()
    )
    assert not Page(out / "local" / "SEUL.html").tables


def test_it_names_the_quarters_of_the_edition_that_it_overlaps(page: Page, out: Path) -> None:
    [text] = [line for line in page.source.splitlines() if "Recouvre" in line]
    assert "Elnon</a> (QP001002)" in text or "Elnon (QP001002)</a>" in text
    assert "25,0" in text and "QN00101M" not in text
    assert "Ne recouvre aucun quartier" in (out / "local" / "SEUL.html").read_text("utf-8")


def test_the_index_lists_it_with_a_link(out: Path) -> None:
    links = [values.get("href") for values in Page(out / "index.html").all("a")]
    assert {"local/VEILLE-1.html", "local/SEUL.html"} <= set(links)
