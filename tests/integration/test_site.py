"""The folder for a web server: served by a plain one, every link of it leads somewhere in it."""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit
from urllib.request import urlopen

import pytest

from tests.conftest import invoke_qpv
from tests.fixtures.told_releases import write_release
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.declared.diffusion import Diffusion
from warehouse.release.feed import write_feed
from warehouse.release.register import register
from warehouse.release.seal import seal
from warehouse.release.site import write_site
from warehouse.release.withdrawal import withdraw

_LINK = re.compile(r'(?:href|src)="([^"#][^"]*)"|url=([^"]+)"')


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder on Python's own server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def followed(base: str) -> dict[str, str]:
    """Address → the kind of what answers there, from the first page on, within the site."""
    seen: dict[str, str] = {}
    todo = [base]
    while todo:
        address = todo.pop()
        if address in seen:
            continue
        with urlopen(address) as answer:
            seen[address] = answer.headers.get_content_type()
            text = answer.read().decode() if seen[address] == "text/html" else ""
        for found in _LINK.findall(text):
            link = "".join(found).replace("&amp;", "&")
            if link.startswith(("data:", "mailto:", "http://www.", "https://")):
                continue
            assert not link.startswith(("/", "file:", "http:")), (address, link)
            todo.append(urldefrag(urljoin(address, link))[0].partition("?")[0])
    return seen


def test_every_link_of_the_site_is_served(sample_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "site"
    code, said = invoke_qpv("deposer", "--dossier", str(out), "--data", str(sample_data))
    assert code == 0, said
    with served(out) as base:
        seen = followed(base)
        named = json.loads(urlopen(f"{base}latest.json").read())
        for link in named["liens"].values():
            assert urlopen(urljoin(base, link)).status == 200, link
        feed = urlopen(f"{base}publications.atom").read().decode()
        for link in re.findall(r'href="([^"]+)"', feed):
            assert urlopen(urljoin(base, link)).status == 200, link
        first = urlopen(f"{base}latest/").read().decode()
    paths = {urlsplit(address).path for address in seen}
    release = named["release_id"]
    assert f"/{release}/fiches/index.html" in first
    assert {f"/{release}/fiches/explorer.html", f"/{release}/fiches/epci/200042190.html"} <= paths
    assert len([path for path in paths if "/fiches/qpv/" in path and path.endswith(".html")]) == 13
    assert all(urlsplit(address).netloc == urlsplit(base).netloc for address in seen)
    assert not any(path.is_symlink() for path in out.rglob("*"))
    assert str(sample_data) not in (out / "index.html").read_text("utf-8")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """Two small releases that stand, and a draft that nobody may read."""
    layout = Layout(tmp_path / "data")
    for name in ("2022-20230101T000000Z-a", "2023-20240101T000000Z-b"):
        folder = write_release(layout, name, {})
        register(layout, name, seal(folder))
    (layout.releases / ".brouillon-x").mkdir()
    write_feed(layout, Diffusion())
    return layout


def test_a_site_is_brought_up_to_date_and_a_withdrawn_release_leaves_it(
    layout: Layout, tmp_path: Path
) -> None:
    out = tmp_path / "site"
    first, second = (path.name for path in sorted(layout.releases.glob("20*")))
    assert write_site(layout, out) == [f"{first} : copiée", f"{second} : copiée"]
    before = (out / first / "RELEASE.json").stat().st_ino
    assert write_site(layout, out) == []
    withdraw(layout, layout.releases / second, "La population était fausse")
    write_feed(layout, Diffusion())
    assert write_site(layout, out) == [f"{second} : retirée"]
    assert {path.name for path in (out / second).iterdir()} == {"RETIREE.json", "index.html"}
    assert (out / first / "RELEASE.json").stat().st_ino == before
    page = (out / "index.html").read_text("utf-8")
    assert "La population était fausse" in page and first in page
    assert json.loads((out / "latest.json").read_text("utf-8"))["release_id"] == first
    assert {path.name for path in out.iterdir()} == {
        first, second, "index.html", "latest", "latest.json", "publications.atom",
    }  # fmt: skip


def test_a_first_copy_that_was_stopped_goes_on(layout: Layout, tmp_path: Path) -> None:
    out = tmp_path / "site"
    _, second = (path.name for path in sorted(layout.releases.glob("20*")))
    write_site(layout, out)
    for name in ("index.html", "latest.json", "publications.atom"):
        (out / name).unlink()
    shutil.rmtree(out / "latest")
    (out / second).rename(out / f".partiel-{second}")
    assert write_site(layout, out) == [f"{second} : copiée"]
    assert (out / "latest.json").is_file() and not (out / f".partiel-{second}").exists()


def test_a_folder_that_is_something_else_is_left_as_it_is(layout: Layout, tmp_path: Path) -> None:
    other = tmp_path / "autre"
    other.mkdir()
    (other / "these.odt").touch()
    for wrong in (other, layout.root, layout.releases, other / "these.odt"):
        with pytest.raises(QpvError, match="n'est pas celui d'un site"):
            write_site(layout, wrong)
    assert [path.name for path in other.iterdir()] == ["these.odt"]
