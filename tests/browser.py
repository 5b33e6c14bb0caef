"""Headless Chromium over the pages of a release, as a reader opens them: from a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
PHONE, DESK = 390, 1200


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a network; required in CI."""
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "Chromium n'est pas installé"
        pytest.skip("Chromium n'est pas installé")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser, page: Path, address: str = "", *, width: int = DESK, dark: bool = False
) -> Iterator[Page]:
    """A page of a folder; at the end, its console said nothing and it asked for nothing outside.

    Args:
        address: what follows the path, `?…` or `#…`.
        width: of the window, in pixels.
    """
    scheme = "dark" if dark else "light"
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 850})
    context.set_default_timeout(20_000)
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on(
        "request",
        lambda r: r.url.startswith(("file:", "data:")) or said.append(f"demandé : {r.url}"),
    )
    tab.on("dialog", lambda d: (said.append(f"dialogue : {d.message}"), d.dismiss()))
    try:
        tab.goto(f"{page.as_uri()}{address}")
        yield tab
        assert said == []
    finally:
        context.close()
