"""`qpv fiche`: one fiche from a release that does not change."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest

from orchestration.cli.one_fiche import render_fiche
from tests.conftest import run_qpv
from tests.integration.test_fiches import Page
from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout
from warehouse.publication.fiches import render
from warehouse.publication.profils import impression


@pytest.fixture
def layout(sample_data: Path, tmp_path: Path) -> Layout:
    """The sample's release, alone in a data folder of its own."""
    copied = Layout(tmp_path / "données n° 1")
    shutil.copytree(sample_data / "releases", copied.releases, symlinks=True)
    return copied


def state(folder: Path) -> dict[str, tuple[int, int]]:
    found = (p for p in folder.rglob("*") if p.is_file())
    return {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in found}


@pytest.mark.parametrize("annexe", [False, True])
@pytest.mark.parametrize(
    ("code", "name"), [(" qp059050 ", "qpv/QP059050"), ("EPCI:200042190", "epci/200042190")]
)
def test_a_fiche_alone_says_what_its_release_says(
    code: str, name: str, annexe: bool, layout: Layout
) -> None:
    before = state(layout.releases)
    name = f"annexes/{name}" if annexe else name
    page, pdf = render_fiche(layout, code, annexe=annexe)
    release = layout.latest.resolve()
    assert page == layout.root / "fiches" / release.name / f"{name}.html"
    assert state(layout.releases) == before
    released = release / "fiches" / f"{name}.html"
    assert pdf.read_bytes() == released.with_suffix(".pdf").read_bytes()
    alone, among = Page(page), Page(released)
    assert alone.tables == among.tables and alone.texts == among.texts


@pytest.mark.parametrize("annexe", [False, True])
def test_the_links_of_a_fiche_alone_lead_to_the_pages_of_the_release(
    annexe: bool, layout: Layout
) -> None:
    page, _ = render_fiche(layout, "QP059050", annexe=annexe)
    links = [a["href"] for a in Page(page).all("a")]
    inner = [x.partition("#")[0] for x in links if not x.startswith(("#", "http"))]
    assert len(inner) > (10 if annexe else 4)
    for link in inner:
        assert (page.parent / unquote(link)).is_file(), link
    wanted = "/fiches/annexes/epci/200042190.html" if annexe else "/fiches/epci/200042190.html"
    assert any(link.endswith(wanted) for link in inner)


def test_a_release_without_documents_gives_its_fiche_in_pdf_too(layout: Layout) -> None:
    release = layout.latest.resolve()
    expected = (release / "fiches" / "qpv" / "QP059050.pdf").read_bytes()
    for path in release.rglob("*.pdf"):
        path.unlink()
    _, pdf = render_fiche(layout, "QP059050")
    assert pdf.read_bytes() == expected


def test_only_the_figures_of_the_fiche_are_read(layout: Layout, monkeypatch) -> None:
    read = []

    def load_donnees(*words):
        read.append(real(*words))
        return read[-1]

    real = render.load_donnees
    monkeypatch.setattr(render, "load_donnees", load_donnees)
    render_fiche(layout, "QP059050", annexe=True)
    ((levels),) = [d.faits["population_municipale", "niveau"].keys() for d in read]
    assert "QP059050" in levels
    assert not {t for t in levels if t.startswith("DEP:")} - {"DEP:59"}


def test_a_sheet_reads_the_figures_of_its_place_and_of_those_beside(
    layout: Layout, monkeypatch
) -> None:
    read = []

    def read_recueil(*words):
        read.append(real(*words))
        return read[-1]

    real = impression.read_recueil
    monkeypatch.setattr(impression, "read_recueil", read_recueil)
    render_fiche(layout, "QP059050")
    [found] = read
    quarters = {place for _, place in found.niveaux if place.startswith("QP0")}
    assert quarters == {"QP059050"} and found.bandes["population_municipale"].nombre == 13


def test_the_command_prints_both_paths(sample_data: Path, tmp_path: Path) -> None:
    done = run_qpv(
        "fiche", "200042190", "--sortie", str(tmp_path / "ici"), "--data", str(sample_data)
    )
    assert done.returncode == 0, done.stderr
    page, pdf = map(Path, done.stdout.splitlines())
    assert page == tmp_path / "ici" / "epci" / "200042190.html" and pdf.suffix == ".pdf"
    assert "Porte du Hainaut" in page.read_text(encoding="utf-8")
    assert pdf.read_bytes().startswith(b"%PDF")


def test_no_fiche_is_written_into_a_release(layout: Layout) -> None:
    before = state(layout.releases)
    with pytest.raises(QpvError, match="ne change plus"):
        render_fiche(layout, "QP059050", layout.latest / "fiches")
    assert state(layout.releases) == before


@pytest.mark.parametrize("code", ["QP999999", "../../RELEASE", "qpv/QP059050", "", "LOC:X"])
def test_a_fiche_that_is_not_there_is_refused_by_name(code: str, layout: Layout) -> None:
    with pytest.raises(QpvError, match="territoire inconnu"):
        render_fiche(layout, code)
    assert not (layout.root / "fiches").exists()


def test_a_code_nearly_right_is_answered_with_its_neighbours(layout: Layout) -> None:
    with pytest.raises(QpvError, match=r"essayer QP059050 \(Denain"):
        render_fiche(layout, "QP05905O")
