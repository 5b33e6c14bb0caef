"""« Où en est le contrat »: the sample's example, hostile labels, a sheet that is printed apart."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from orchestration.cli.one_fiche import render_fiche
from tests.browser import PHONE, opened
from tests.conftest import invoke_qpv
from tests.fixtures.contracts import CITED, SIREN, contract, objective, write_contract
from tests.fixtures.pdf_text import read_pdf, squeezed
from tests.fixtures.rewritten_release import rewritten
from warehouse.base.layout import CONTRATS_EXEMPLE, Layout
from warehouse.declared.contracts import Comite, load_contrats
from warehouse.declared.dictionary import load_edition
from warehouse.publication.contrats.pages import CommandeDeContrats, render_contrats
from warehouse.release.promotion import read_manifest

MARKUP = "<img src=x onerror=alert(1)></script>{{ 7*7 }}\"'&"
TYPST = '#panic("lu") *gras* $x^2$ ] [ `code` \\ = titre'
FORMULA = "=HYPERLINK(\"http://exemple.invalid\",'x')"


@pytest.fixture
def layout(sample_data: Path, tmp_path: Path) -> Layout:
    """The sample's release, alone in a data folder of its own."""
    copied = Layout(tmp_path / "data")
    shutil.copytree(sample_data / "releases", copied.releases, symlinks=True)
    return copied


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_sample_shows_its_example_and_its_sheet_leads_there(sample_release: Path) -> None:
    page = sample_release / "fiches/contrats" / f"{SIREN}.html"
    text = page.read_text(encoding="utf-8")
    assert "<b>Exemple.</b>" in text and "page à relever" in text
    told = rows(page.with_suffix(".csv"))
    assert len(told) >= 10 and all(row["etat"] and row["cible_document"] for row in told)
    for row in told:
        assert row["objectif"] in text
    sheet = (sample_release / "fiches/epci" / f"{SIREN}.html").read_text(encoding="utf-8")
    assert f'href="../contrats/{SIREN}.html"' in sheet and "(exemple)" in sheet
    printed = read_pdf(sample_release / "fiches/epci" / f"{SIREN}.pdf").texte
    assert squeezed(f"{len(told)} objectifs suivis") in printed


def test_the_page_works_on_a_phone_and_asks_for_nothing(
    sample_release: Path, browser: Browser
) -> None:
    path = sample_release / "fiches/contrats" / f"{SIREN}.html"
    with opened(browser, path, width=PHONE) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
        assert page.locator(".objectifs > li").count() >= 10
        first = page.locator(".verdict").first.inner_text()
        assert first.startswith("Comparaison")


def test_labels_of_a_contract_stay_labels(layout: Layout, browser: Browser) -> None:
    hostile = f"{MARKUP} {TYPST}"
    told = contract(
        titre=hostile,
        exemple=hostile,
        documents={"texte": {"titre": hostile}},
        orientations={"emploi": {"libelle": hostile}},
        objectifs=[
            objective(
                libelle=FORMULA,
                indicateur="nb_allocataires_minima_sociaux",
                depart={"periode": "2016-12-31"},
                cible={"operateur": "baisse", "annee": 2030,
                       "source": CITED | {"page": hostile}},
            ),
        ],
        comites=[{"date": date(2024, 1, 1), "libelle": hostile}],
    )  # fmt: skip
    write_contract(layout.contracts, told)
    sheet, pdf, page = render_fiche(layout, SIREN)
    for path in (sheet, page):
        with opened(browser, path) as shown:
            assert shown.locator("img").count() == 0
            assert MARKUP.replace("'", "’") in shown.locator("body").inner_text()
    for printed in (pdf, page.with_suffix(".pdf")):
        assert squeezed('#panic("lu")*gras*') in read_pdf(printed).texte
    assert read_pdf(page.with_suffix(".pdf")).balise
    [row] = rows(page.with_suffix(".csv"))
    assert row["objectif"] == f"'{FORMULA}"


def test_a_sheet_alone_leads_to_the_contract_of_its_release(layout: Layout) -> None:
    sheet, _ = render_fiche(layout, SIREN)
    found = re.search(r'href="([^"]*contrats/[^"]*)"', sheet.read_text(encoding="utf-8"))
    assert found and (sheet.parent / found[1]).resolve().is_relative_to(layout.releases.resolve())


def test_a_refused_contract_is_said_by_the_command(layout: Layout, tmp_path: Path) -> None:
    path = write_contract(tmp_path / "c", contract(objectifs=[objective(indicateur="taux_x")]))
    code, said = invoke_qpv(
        "fiche", SIREN, "--contrats", str(path.parent), "--data", str(layout.root)
    )
    assert code == 1
    line = path.read_text(encoding="utf-8").split("indicateur")[0].count("\n") + 1
    assert f"ligne {line}," in said and "indicateur inconnu : 'taux_x'" in said


def test_since_the_last_committee_reads_the_release_that_stood_then(
    layout: Layout, sample_release: Path, tmp_path: Path
) -> None:
    figure = (f"QPV@EPCI:{SIREN}", "nb_allocataires_minima_sociaux", "2021-12-31")
    with rewritten(layout.root) as con:
        con.execute(
            "update fct_indicateur set valeur = null, statut = 'secret' where code_territoire = ?"
            " and code_indicateur = ? and periode = ?",
            figure,
        )
    met = date.fromisoformat(str(read_manifest(sample_release)["publiee_le"])[:10])
    [one] = load_contrats(CONTRATS_EXEMPLE)
    page = tmp_path / "contrats" / f"{SIREN}.html"
    for day, words in (
        (met - timedelta(days=1), "aucune publication n’est plus ancienne que ce comité"),
        (met, "Moins d’allocataires des minima sociaux : « pas de mesure », puis « en chemin »"),
    ):
        committee = [Comite(date=day, libelle="Comité")]
        told = replace(one, contrat=one.contrat.model_copy(update={"comites": committee}))
        render_contrats(
            CommandeDeContrats(
                sample_release / "qpv.duckdb",
                tmp_path,
                load_edition("2023"),
                sample_release.name,
                [told],
                precedentes=[layout.latest.resolve()],
            )
        )
        assert words in page.read_text(encoding="utf-8")
