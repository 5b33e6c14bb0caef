"""Every number printed in the sample's fiches, HTML and PDF, equals the release's table."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from tests.fixtures.pdf_text import read_pdf, squeezed
from tests.integration.test_fiches import Page
from warehouse.declared.dictionary import Dictionary, load_dictionary
from warehouse.domain.format import guillemets

PRINTED = re.compile(r"([+\u2212]?[\d\u202f]+(?:,\d+)?)†?[a-z]*")
Figures = dict[tuple[str, str, str], float]  # territory, indicator, grandeur


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return load_dictionary()


@pytest.fixture(scope="module")
def release(sample_release: Path) -> tuple[Figures, dict[str, str]]:
    """Diffuse figures at the periods that the fiches show, and codes by label."""
    figures: Figures = {}
    with duckdb.connect(str(sample_release / "qpv.duckdb"), read_only=True) as con:
        for role, period in (("niveau", "periode"), ("comparaison", "periode_comparaison")):
            for code, indicator, value in con.execute(
                "select code_territoire, code_indicateur, valeur from fct_indicateur as f"
                f" join dim_indicateur as i using (code_indicateur) where f.periode = i.{period}"
                " and statut = 'diffuse' and coalesce(perimetre, '') in ('2015', '')"
            ).fetchall():
                figures[code, indicator, role] = value
        for role in ("evolution_nb", "evolution_pct", "evolution_pts"):
            for code, indicator, value in con.execute(
                f"select code_territoire, code_indicateur, {role} from fct_evolution as f"
                " join dim_indicateur as i using (code_indicateur) where f.periode = i.periode"
                " and f.periode_comparaison = i.periode_comparaison and statut = 'diffuse'"
                f" and {role} is not null and coalesce(perimetre, '') in ('2015', '')"
            ).fetchall():
                figures[code, indicator, role] = value
        labels = con.execute(
            "select libelle, code_territoire from dim_territoire"
            " where coalesce(perimetre, '') in ('2015', '')"
        ).fetchall()
    return figures, {" ".join(label.split()): code for label, code in labels}


@pytest.fixture(scope="module")
def pages(sample_release: Path) -> list[Path]:
    """The EPCI's page and nine quarters'."""
    found = sorted((sample_release / "fiches" / "annexes").glob("*/*.html"))[:10]
    assert len(found) == 10 and found[0].parent.name == "epci"
    return found


def expected(value: float, digits: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def printed(cell: str) -> Decimal | None:
    """The number of a cell; None when it says that there is none."""
    found = PRINTED.fullmatch(cell)
    if not found:
        assert re.fullmatch(r"(nd|s)[a-z]+", cell), cell
        return None
    return Decimal(found[1].replace("\u202f", "").replace("\u2212", "-").replace(",", "."))


def test_every_cell_of_the_pages_is_the_table_s_figure(pages, release, dictionary):
    figures, codes = release
    exhibits = {t.id: t for r in dictionary.rubriques for t in r.tableaux}
    compared = 0
    for path in pages:
        for table, rows in Page(path).tables.items():
            territories = [codes[row[0].rstrip("*")] for row in rows[1:]]
            columns = [
                c
                for c in exhibits[table].colonnes
                if any((t, c.indicateur, c.grandeur) in figures for t in territories)
            ]
            titles = [head.partition(" ")[0] for head in rows[0][1:]]
            assert titles == [c.titre.partition(" ")[0] for c in columns], f"{path} {table}"
            for territory, row in zip(territories, rows[1:], strict=True):
                for column, cell in zip(columns, row[1:], strict=True):
                    digits = dictionary.indicateurs[column.indicateur].arrondi
                    digits = {"evolution_pct": 1, "evolution_pts": max(digits, 1)}.get(
                        column.grandeur, digits
                    )
                    value = figures.get((territory, column.indicateur, column.grandeur))
                    wanted = None if value is None else expected(value, digits)
                    assert printed(cell) == wanted, f"{path.name} {table} {territory} {column}"
                    compared += wanted is not None
    assert compared > 1500


def test_the_epci_that_hold_a_quarter_stand_where_they_have_a_figure_and_nowhere_else(pages):
    label = "EPCI de France métropolitaine comportant un QPV"
    for path in pages:
        page = Page(path)
        rows = {id: [r for r in table if r[0] == label] for id, table in page.tables.items()}
        assert [id for id, found in rows.items() if found] == ["c2s"]
        numbers = [printed(cell.rstrip("†")) for cell in rows["c2s"][0][1:]]
        printed_there = [*map(Decimal, ("11.5", "3983692", "20.5", "11.3", "9.3"))]
        assert [n for n in numbers if n is not None] == printed_there
        assert guillemets(label) not in unescape(page.source)  # missing elsewhere, without a word


def test_what_a_chart_writes_is_the_table_s_figure(pages, release, dictionary):
    """What stands last beside a mark is in a table of the page; what precedes it is earlier."""
    figures, _ = release
    earlier = {
        expected(value, dictionary.indicateurs[indicator].arrondi)
        for (_, indicator, role), value in figures.items()
        if role == "comparaison"
    }
    compared = 0
    for path in pages:
        page = Page(path)
        cells = {re.sub(r"[a-z]+$", "", c) for t in page.tables.values() for r in t for c in r}
        for drawing in re.findall(r"<svg.*?</svg>", page.source, re.S):
            for text in ElementTree.fromstring(drawing).iter("{http://www.w3.org/2000/svg}text"):
                if "†" in text.text:
                    *before, last = text.text.split(" → ")
                    assert last in cells, f"{path.name} {text.text}"
                    assert {printed(number) for number in before} <= earlier
                    compared += 1
    assert compared > 400


def test_every_row_and_finding_of_the_pages_stands_in_the_pdf(pages):
    for path in pages:
        page, text = Page(path), read_pdf(path.with_suffix(".pdf")).texte
        for table, rows in page.tables.items():
            for row in rows[1:]:
                assert squeezed("".join(row)) in text, f"{path.name} {table} {row[0]}"
        findings = re.findall(r'class="constat">(.*?)</p>', page.source)
        assert len(findings) > 8
        for finding in findings:
            assert squeezed(unescape(finding)) in text, finding
