"""The feed of releases: each that stands, each that was withdrawn, hostile words as text."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.fixtures.told_releases import Figures, write_release
from warehouse.base.layout import Layout
from warehouse.declared.diffusion import Diffusion, Editeur
from warehouse.release.feed import DERNIERE, FLUX, write_feed
from warehouse.release.withdrawal import withdraw

FIGURES: Figures = {("QP1", "pop", "2018"): (10, "diffuse")}
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = '<b>faux</b> & "faux"'
#: What RFC 4287 wants of a feed and of an entry.
WANTED = {"title", "id", "updated"}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    layout = Layout(tmp_path)
    for release_id in ("2022-1-a", "2023-2-b"):
        write_release(layout, release_id, FIGURES, edition=release_id[:4])
    return layout


def feed(layout: Layout) -> tuple[ElementTree.Element, list[ElementTree.Element]]:
    root = ElementTree.parse(layout.releases / FLUX).getroot()
    return root, root.findall(f"{ATOM}entry")


def test_every_release_has_an_entry_and_the_newest_is_latest(layout: Layout) -> None:
    write_feed(layout, Diffusion())
    root, entries = feed(layout)
    for element in (root, *entries):
        assert {child.tag.removeprefix(ATOM) for child in element} >= WANTED
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert sorted(ids) == ["urn:qpv:publication:2022-1-a", "urn:qpv:publication:2023-2-b"]
    links = [entry.find(f"{ATOM}link").get("href") for entry in entries]
    assert sorted(links) == ["2022-1-a/fiches/index.html", "2023-2-b/fiches/index.html"]
    latest = json.loads((layout.releases / DERNIERE).read_text("utf-8"))
    assert latest["release_id"] == "2023-2-b" == layout.latest.resolve().name
    for path in latest["liens"].values():
        assert (layout.releases / path).is_file()
    assert "base" in latest["liens"]


def test_a_host_gives_whole_addresses_and_its_name(layout: Layout) -> None:
    host = Diffusion(editeur=Editeur(nom=HOSTILE), adresse="https://exemple.fr/qpv/")
    write_feed(layout, host)
    root, entries = feed(layout)
    assert root.findtext(f"{ATOM}author/{ATOM}name") == HOSTILE
    hrefs = [link.get("href") for entry in entries for link in entry.findall(f"{ATOM}link")]
    assert all(href.startswith("https://exemple.fr/qpv/202") for href in hrefs)


def test_a_withdrawal_is_told_and_latest_leaves_it(layout: Layout) -> None:
    withdraw(layout, layout.releases / "2023-2-b", HOSTILE)
    write_feed(layout, Diffusion())
    _, entries = feed(layout)
    (gone,) = [e for e in entries if (e.findtext(f"{ATOM}title") or "").startswith("Retirée")]
    assert HOSTILE in (gone.findtext(f"{ATOM}summary") or "")
    assert gone.find(f"{ATOM}link").get("href") == "2023-2-b/index.html"
    latest = json.loads((layout.releases / DERNIERE).read_text("utf-8"))
    assert latest["release_id"] == "2022-1-a"
    withdraw(layout, layout.releases / "2022-1-a", "faux")
    write_feed(layout, Diffusion())
    assert json.loads((layout.releases / DERNIERE).read_text("utf-8")) == {"release_id": None}
