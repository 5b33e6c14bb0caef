"""The one-page sheets of the sample's release: one page, true figures, links that lead on."""

from __future__ import annotations

import csv
import html
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pytest
from playwright.sync_api import Browser

from tests.browser import PHONE, opened
from tests.fixtures.pdf_text import read_pdf, squeezed
from warehouse.declared.dictionary import load_dictionary

#: A figure as sheets print it.
NUMBER = re.compile(r"[\d\u202f]+(?:,\d+)?")


@pytest.fixture(scope="module")
def fiches(sample_release: Path) -> Path:
    return sample_release / "fiches"


@pytest.fixture(scope="module")
def pages(fiches: Path) -> list[Path]:
    found = [*sorted(fiches.glob("epci/*.html")), *sorted(fiches.glob("qpv/*.html"))]
    assert len(found) == 14
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text(page: Path) -> str:
    source = page.read_text(encoding="utf-8")
    return html.unescape(re.sub(r"<[^>]+>", "", source.partition("<body")[2]))


def test_every_page_has_its_table_and_a_pdf_of_one_page(pages: list[Path]) -> None:
    for page in pages:
        assert page.with_suffix(".csv").is_file()
        pdf = page.with_suffix(".pdf").read_bytes()
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1, page.name
        read = read_pdf(page.with_suffix(".pdf"))
        assert read.balise and read.langue == "fr-FR" and b"pdfuaid:part" in pdf


def test_every_link_leads_to_a_file(fiches: Path, pages: list[Path]) -> None:
    for page in [fiches / "index.html", *pages, *fiches.glob("annexes/*/*.html")]:
        source = page.read_text(encoding="utf-8")
        for href in re.findall(r'href="([^"]+)"', source):
            target, _, anchor = html.unescape(href).partition("#")
            if target.startswith("https://"):
                continue
            if target:
                assert (page.parent / unquote(target)).is_file(), f"{page.name} : {href}"
            else:
                assert f'id="{anchor}"' in source, f"{page.name} : {href}"


def test_every_row_of_a_table_is_a_row_of_the_release(
    sample_release: Path, pages: list[Path]
) -> None:
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        known = {
            row[:3]: row[3:]
            for row in con.execute(
                "select code_territoire, code_indicateur, coalesce(periode, ''), valeur, statut,"
                " coalesce(source_id, '') from fct_indicateur"
                " where coalesce(perimetre, '') in ('2015', '')"
            ).fetchall()
        }
    compared = 0
    for page in pages:
        for row in rows(page.with_suffix(".csv")):
            value, statut, source = known[
                row["code_territoire"], row["code_indicateur"], row["periode"]
            ]
            assert row["statut"] == statut and row["source_id"] == source
            assert row["valeur"] == ("" if statut != "diffuse" else repr(value))
            compared += bool(row["valeur"])
    assert compared > 300


def test_what_a_line_prints_is_its_row_rounded(pages: list[Path]) -> None:
    known = load_dictionary().indicateurs
    labels = {one.libelle.replace("'", "’"): code for code, one in known.items()}
    compared = 0
    for page in pages:
        if page.parent.name != "qpv":
            continue
        told = {
            r["code_indicateur"]: r["valeur"]
            for r in rows(page.with_suffix(".csv"))
            if r["code_territoire"] == page.stem and r["en_avant"] == "true"
        }
        source = html.unescape(page.read_text(encoding="utf-8"))
        for label, shown in re.findall(
            r'<h3><a [^>]+>(.+?)</a> <small>.*?<p class="valeur">(.+?)</p>', source, re.S
        ):
            code = labels[label]
            step = Decimal(1).scaleb(-known[code].arrondi)
            wanted = Decimal(told[code]).quantize(step, ROUND_HALF_UP)
            printed = NUMBER.match(shown)
            assert printed and wanted == Decimal(
                printed[0].replace("\u202f", "").replace(",", ".")
            ), f"{page.name} {label}"
            compared += 1
    assert compared > 50


def test_what_the_page_says_the_pdf_says(pages: list[Path]) -> None:
    for page in pages:
        source = page.read_text(encoding="utf-8")
        printed = read_pdf(page.with_suffix(".pdf")).texte
        told = re.findall(r'<section class="phrases".*?</section>', source, re.S)
        sentences = [s for block in told for s in re.findall(r"<p>(.*?)</p>", block, re.S)]
        assert sentences
        for found in [*sentences, *re.findall(r'<p class="valeur">(.*?)</p>', source, re.S)]:
            bare = html.unescape(re.sub(r"<[^>]+>", "", found))
            assert squeezed(bare) in printed, f"{page.name} : {bare}"


def test_apostrophes_and_third_parties(pages: list[Path]) -> None:
    for page in pages:
        body = text(page).partition('"use strict"')[0]
        assert "'" not in body, page.name
        assert "source tierce" in body  # the sample is typed from a published fiche


def test_a_masked_figure_is_said_and_not_printed(pages: list[Path]) -> None:
    for page in pages:
        for row in rows(page.with_suffix(".csv")):
            assert (row["statut"] == "diffuse") == bool(row["valeur"])
            assert row["valeur"] or row["motif"], row


def test_the_people_on_an_epci_s_sheet_are_those_of_its_quarters_and_it_says_so(
    fiches: Path,
) -> None:
    """45,519 live in its 13 quarters; 158,837 in the EPCI: no figure stands under the bare name."""
    text = (fiches / "epci" / "200042190.html").read_text(encoding="utf-8")
    [line] = re.findall(r'<p class="habitants">(.*?)</p>', text, re.DOTALL)
    assert line.startswith("Dans ses 13 quartiers : <b>45")
    quarter = (fiches / "qpv" / "QP059050.html").read_text(encoding="utf-8")
    assert '<p class="habitants"><b>13' in quarter


@pytest.mark.parametrize("dark", [False, True])
def test_a_phone_scrolls_down_only_and_the_quarters_sort(
    fiches: Path, browser: Browser, dark: bool
) -> None:
    page = fiches / "epci" / "200042190.html"
    with opened(browser, page, width=PHONE, dark=dark) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        tab.locator("thead button").nth(1).click()
        first = tab.locator("tbody.quartiers tr").first.inner_text()
        people = [
            int(re.sub(r"\D", "", cell.inner_text()))
            for cell in tab.locator("tbody.quartiers td:nth-child(2)").all()
        ]
        assert people == sorted(people, reverse=True) and "13" in first
