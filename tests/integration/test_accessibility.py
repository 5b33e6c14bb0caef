"""What axe-core finds in the pages of a release: nothing, on a phone and on a desk, light and dark.

The panel of a figure and the notice of a withdrawn release are judged too.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser import DESK, PHONE, opened
from warehouse.base.layout import Layout
from warehouse.release.withdrawal import withdraw

#: A page opened from a folder may not read its own style sheets again, as axe would.
OPTIONS = {"preload": False, "resultTypes": ["violations"]}
CONTRAST = "color-contrast"
#: Marks one text of each dress, by what contrast depends on: axe takes 6 s for the 9,000 elements
#: of the dictionary, which have some twenty dresses. Gives how many are marked.
MARK = """() => {
  const seen = new Set();
  for (const element of document.querySelectorAll("body *")) {
    const texts = [...element.childNodes].filter(n => n.nodeType === Node.TEXT_NODE);
    if (!texts.some(n => n.data.trim()) || !element.checkVisibility()) continue;
    const own = getComputedStyle(element);
    const dress = [own.color, own.fontSize, own.fontWeight];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      dress.push(style.backgroundColor, style.backgroundImage, style.opacity);
    }
    if (seen.size === seen.add(dress.join()).size) continue;
    element.dataset.dress = "";
  }
  return seen.size;
}"""
PAGES = (
    "fiches/index.html",
    "fiches/explorer.html",
    "fiches/epci/200042190.html",
    "fiches/contrats/200042190.html",
    "fiches/qpv/QP059058.html",
    "fiches/annexes/epci/200042190.html",
    "fiches/annexes/qpv/QP059058.html",
    "qualite/rapport.html",
    "dictionnaire.html",
)


def faults(page: Page) -> list[str]:
    found = axe(page, rules={CONTRAST: {"enabled": False}})
    assert page.evaluate(MARK) > 2
    found += axe(page, "[data-dress]", runOnly={"type": "rule", "values": [CONTRAST]})
    return [f"{v['id']} ({v['impact']}) : {v['nodes'][0]['html']}" for v in found]


def axe(page: Page, context: str | None = None, **options: object) -> list[dict]:
    return Axe().run(page, context=context, options=OPTIONS | options).response["violations"]


def is_narrow(page: Page) -> bool:
    """The page does not scroll sideways; its wide tables may, inside."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(("width", "dark"), [(DESK, False), (PHONE, True)])
def test_no_page_has_a_fault(
    sample_release: Path, browser: Browser, width: int, dark: bool
) -> None:
    for name in PAGES:
        with opened(browser, sample_release / name, width=width, dark=dark) as tab:
            assert faults(tab) == [], name
            assert is_narrow(tab), name


@pytest.mark.parametrize("dark", [False, True])
def test_what_stands_behind_a_figure_has_no_fault(
    sample_release: Path, browser: Browser, dark: bool
) -> None:
    page = sample_release / "fiches/explorer.html"
    with opened(browser, page, "?q=denain#QP059050,QP059058", dark=dark) as tab:
        tab.check("#manques")
        assert faults(tab) == []
        tab.locator("tbody button").first.press("Enter")
        tab.locator("#panneau dd").first.wait_for()
        assert faults(tab) == []


def test_the_notice_of_a_withdrawn_release_has_no_fault(
    sample_data: Path, browser: Browser, tmp_path: Path
) -> None:
    release = (sample_data / "releases/latest").resolve()
    shutil.copytree(release, tmp_path / "releases" / release.name)
    layout = Layout(tmp_path)
    withdraw(layout, layout.releases / release.name, "un chiffre était faux")
    with opened(browser, tmp_path / "releases" / release.name / "index.html", dark=True) as tab:
        assert "un chiffre était faux" in tab.content()
        assert faults(tab) == []
