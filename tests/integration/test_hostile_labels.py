"""Hostile names in official files, a real build, and all that it publishes: they stay names."""

from __future__ import annotations

import csv
import json
import re
import shutil
import zipfile
from html import escape
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Browser

from tests.browser import opened
from tests.fixtures import forked_qpv
from tests.fixtures.pdf_text import read_pdf, squeezed
from warehouse.base.layout import SAMPLE_DIR

MARKUP = "<img src=x onerror=alert(1)></script><script>alert(2)</script>{{ 7*7 }}\"'&"
TYPST = '#panic("lu") *gras* $x^2$ @nul ] [ ) `code` // \\ = titre'
FORMULA = "=HYPERLINK(\"http://exemple.invalid\",'x')"
SQL = "'); drop table fct_indicateur; --"
#: File → column → name by row, in turn.
NAMES = {
    "liste-qp2015.csv": {"nom_qp": [MARKUP, TYPST, FORMULA, SQL, "+1+1", "@SUM(A1)", "-2"]},
    "insee_epci_2020.csv": {"LIBGEO": [MARKUP, TYPST, FORMULA, SQL], "LIBEPCI": [MARKUP + TYPST]},
    "insee_cog_departements_2021.csv": {"LIBELLE": [FORMULA + TYPST]},
}
EPCI = "200042190"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("hostile")
    shutil.copytree(SAMPLE_DIR, base / "extraits")
    for name, columns in NAMES.items():
        rewrite(base / "extraits" / name, columns)
    done = forked_qpv.run(
        *("build", "--edition", "2023", "--extracts", str(base / "extraits")),
        *("--data", str(base / "data")),
        stderr=base / "messages",
        setting=forked_qpv.Setting(fiches=[EPCI, "QP059021", "QP059022"]),
    )
    assert done.returncode == 0, done.stderr
    return (base / "data/releases/latest").resolve()


def rewrite(path: Path, columns: dict[str, list[str]]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for n, row in enumerate(rows):
        for column, names in columns.items():
            row[column] = names[n % len(names)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def test_the_tables_keep_the_names_as_they_were_written(release: Path) -> None:
    with duckdb.connect(str(release / "qpv.duckdb"), read_only=True) as con:
        labels = {name for (name,) in con.sql("select libelle from dim_territoire").fetchall()}
        [[count]] = con.sql("select count(*) from fct_indicateur").fetchall()
    assert {MARKUP, TYPST, FORMULA, SQL, MARKUP + TYPST, FORMULA + TYPST} <= labels
    assert count > 9000


def test_no_page_runs_nor_shows_markup(release: Path, browser: Browser) -> None:
    """`opened` fails on a dialog, a line in the console or a request."""
    pages = (f"epci/{EPCI}.html", "qpv/QP059021.html", "index.html", "explorer.html")
    for name in pages:
        with opened(browser, release / "fiches" / name, "?q=QP059021#QP059021") as tab:
            if name == "explorer.html":
                tab.locator("tbody button").first.click()
            assert tab.locator("img").count() == 0, name
            assert tab.locator("script", has_text="alert").count() == 0, name
            shown = tab.locator("body").inner_text().replace("’", "'")
            assert MARKUP in shown, name
    for path in release.rglob("*.html"):
        assert "<img" not in path.read_text(encoding="utf-8"), path


def test_no_pdf_runs_a_name(release: Path) -> None:
    for code, name in (("QP059022", TYPST), ("QP059021", MARKUP)):
        read = read_pdf(release / "fiches/qpv" / f"{code}.pdf")
        # Several quarters bear each name here: the communes that tell them apart follow it.
        level, title = read.signets[0]
        assert level == 1 and title.replace("’", "'").startswith(name)
        assert squeezed(name) in read.texte.replace("’", "'")


def test_no_spreadsheet_computes_a_name(release: Path) -> None:
    for path in release.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    assert not re.match(r"[=+@\t\r]|-(?![\d.])", cell), (path.name, cell)
    [book] = release.rglob("*.xlsx")
    with zipfile.ZipFile(book) as parts:
        for part in parts.namelist():
            xml = parts.read(part).decode("utf-8")
            assert not re.search(r"<f[ >]|externalLink", xml), part
            for led in re.findall(r'Target="([^"]+)" TargetMode="External"', xml):
                # Our own pages, beside the workbook.
                assert re.fullmatch(r"\.\.(/fiches)?(/epci)?/\w+\.html", led.replace("\\", "/"))
        strings = parts.read("xl/sharedStrings.xml").decode("utf-8")
    assert escape(FORMULA, quote=False) in strings


def test_what_describes_the_release_is_still_json(release: Path) -> None:
    described = [*release.glob("*.json*"), *(release / "qualite").glob("*.json")]
    assert len(described) >= 4
    for path in described:
        json.loads(path.read_text(encoding="utf-8"))
