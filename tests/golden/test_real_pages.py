"""Pages of a national release on a phone: nothing to scroll sideways, charts and rows redrawn."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser import PHONE, opened
from tests.integration.test_explorer import loaded

#: What stands out of the window, sideways.
CUT = """() => [
    ...document.querySelectorAll("svg, table, p, h1, h2, h3, td, th, li")
].filter((e) => {
    const { left, right, width } = e.getBoundingClientRect();
    return width && e.checkVisibility() && (right > innerWidth + 1 || left < -1);
}).map((e) => `${e.tagName} ${e.textContent.slice(0, 60)}`)"""


def some(release: Path, folder: str, count: int) -> list[Path]:
    pages = sorted((release / "fiches" / folder).glob("*.html"))
    return pages[:: max(1, len(pages) // count)][:count]


def test_twenty_sheets_fit_a_phone_and_a_desk(national_release: Path, browser: Browser) -> None:
    pages = some(national_release, "qpv", 16) + some(national_release, "epci", 6)
    assert len(pages) == 22
    for page in pages:
        with opened(browser, page, width=PHONE) as tab:
            for width in (PHONE, 1366):
                tab.set_viewport_size({"width": width, "height": 850})
                assert tab.evaluate("document.documentElement.scrollWidth") == width, page.name
                assert tab.evaluate(CUT) == [], page.name


def test_a_quarter_s_page_is_one_page_of_paper(national_release: Path, browser: Browser) -> None:
    for page in some(national_release, "qpv", 3):
        with opened(browser, page) as tab:
            printed = tab.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, page.name


def test_the_dictionary_leads_to_each_indicator_of_the_map(national_release: Path) -> None:
    book = (national_release / "dictionnaire.html").read_text(encoding="utf-8")
    linked = re.findall(r'href="fiches/explorer.html#&amp;carte=(\w+)"', book)
    assert set(linked) == set(
        loaded(national_release / "fiches/explorer/index.js")["carte"]["indicateurs"]
    )


def test_an_annex_on_a_phone_has_cards_and_narrow_charts(
    national_release: Path, browser: Browser
) -> None:
    for page in some(national_release, "annexes/epci", 3):
        with opened(browser, page, width=PHONE) as tab:
            assert tab.evaluate(CUT) == [], page.name
            assert not tab.locator(".graphique svg.page").first.is_visible()
            expect(tab.locator(".graphique svg.telephone").first).to_be_visible()
            cell = tab.locator("tbody.quartiers td").first
            said = cell.evaluate("e => getComputedStyle(e, '::before').content")
            # A title of one long line ran under the figure beside it.
            wraps = cell.evaluate("e => getComputedStyle(e, '::before').whiteSpace")
            assert wraps == "normal"
            head = tab.locator("table thead th").nth(1).text_content()
            assert re.sub(r"\W", "", said) == re.sub(r"[\W↕↓↑]", "", head)
        with opened(browser, page) as tab:
            assert not tab.locator(".graphique svg.telephone").first.is_visible()
