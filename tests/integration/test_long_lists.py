"""A long list is searched where it stands: the index by places, the dictionary by what is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import PHONE, opened


def test_the_index_keeps_what_bears_the_words(sample_release: Path, browser: Browser) -> None:
    with opened(browser, sample_release / "fiches/index.html", width=PHONE) as tab:
        field = tab.get_by_role("searchbox")
        quarters = tab.locator(".departement li:visible")
        total = quarters.count()
        for words, found in (
            ("st amand", "Saint-Amand"), ("DENAIN", "Denain"), ("qp059058", "QP059058"),
        ):  # fmt: skip
            field.fill(words)
            expect(quarters).not_to_have_count(total)
            assert all(found in text for text in quarters.all_inner_texts()) and quarters.count()
            expect(tab.get_by_role("status")).to_contain_text(f"{quarters.count()} sur {total}")
        field.fill("porte du hainaut")  # the heading above them
        expect(quarters).to_have_count(total)
        field.fill("introuvable")
        expect(quarters).to_have_count(0)
        expect(tab.locator(".departement:visible")).to_have_count(0)


@pytest.mark.parametrize("words", ["demandeurs depuis plus d un an", "part_defm_abc_longue_duree"])
def test_the_dictionary_finds_an_indicator_and_tells_what_is_not_here(
    sample_release: Path, browser: Browser, words: str
) -> None:
    with opened(browser, sample_release / "dictionnaire.html") as tab:
        shown = tab.locator(".indicateur:visible")
        total = shown.count()
        tab.get_by_role("checkbox").check()
        expect(shown).not_to_have_count(total)
        assert not tab.locator("[data-absent]:visible").count() and shown.count()
        tab.get_by_role("searchbox").fill(words)
        expect(tab.get_by_role("status")).to_contain_text(" sur ")
        assert 0 < shown.count() < 30
