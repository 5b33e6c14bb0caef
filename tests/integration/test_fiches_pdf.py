"""What the PDF fiches promise, on a small release written by hand."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

from tests.fixtures.pdf_text import Lu, read_pdf, squeezed
from tests.integration.test_fiches import Page, render
from tests.unit.test_fiche_donnees import RESERVE, SECRET, write_release

#: Each of these would do something, were it read as Typst markup or code.
HOSTILE = '#panic("lu") *gras* _ital_ $x^2$ @nul ] [ ) `code` <nom> // \\ = titre ~ "guillemets"'


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pdf")
    db = write_release(folder / "qpv.duckdb")
    with duckdb.connect(str(db)) as link:
        link.execute(
            "update dim_territoire set libelle = ? where code_territoire = 'QP001001'", [HOSTILE]
        )
        link.execute("update pont_qpv_commune set libelle_commune = ?", [HOSTILE])
        link.execute("update dim_source set titre = ?, remarque = ?", [HOSTILE, HOSTILE])
        link.execute(
            "update fct_indicateur set motif = ? where code_territoire = 'QP001002'"
            " and code_indicateur = 'nb_defm_abc'",
            [HOSTILE],
        )
        link.execute(
            "update fct_indicateur set statut = 'secret', motif = 'moins de 11 personnes'"
            " where code_territoire = 'QP001003' and code_indicateur = 'nb_defm_abc'"
        )
    render(db, folder / "fiches")
    return folder / "fiches"


@pytest.fixture(scope="module")
def readers(out: Path) -> dict[str, Lu]:
    return {p.relative_to(out).as_posix(): read_pdf(p) for p in out.rglob("*.pdf")}


def test_every_fiche_has_its_pdf_and_its_page_leads_to_it(out, readers):
    pages = {
        p.relative_to(out).with_suffix(".pdf").as_posix() for p in out.glob("annexes/*/*.html")
    }
    assert set(readers) == pages and len(pages) == 5
    links = [a["href"] for a in Page(out / "annexes" / "qpv" / "QP001002.html").all("a")]
    assert "QP001002.pdf" in links


def test_a_label_is_text_and_never_typst(readers):
    bare = squeezed(HOSTILE)
    assert readers["annexes/qpv/QP001001.pdf"].signets[0] == (1, HOSTILE)
    assert bare in readers["annexes/qpv/QP001001.pdf"].texte
    # Commune, source title and its remark, motif of a masked cell.
    assert readers["annexes/qpv/QP001002.pdf"].texte.count(bare) >= 4
    assert readers["annexes/qpv/QP001001.pdf"].metadonnees["Title"].startswith(HOSTILE)


def test_a_pdf_is_tagged_in_french_with_its_title(out, readers):
    for name, reader in readers.items():
        assert reader.balise and reader.langue == "fr-FR"
        content = (out / name).read_bytes()
        assert b"/DisplayDocTitle true" in content and b"pdfuaid:part" in content
        assert "Insee" in reader.metadonnees["Author"]
        assert "31 janvier 2026" in reader.metadonnees["Subject"]


def test_bookmarks_are_the_rubriques_and_their_exhibits(readers):
    found = readers["annexes/epci/200000001.pdf"].signets
    assert found[0] == (1, "CA Un")
    told = [title for level, title in found if level == 2]
    assert told[2:4] == ["Combien\u202f?", "Qui\u202f?"]
    assert [t for level, t in found if level == 3] == ["Population", "Demandeurs d'emploi"]


def test_a_masked_value_shows_its_reason_never_the_value(readers):
    for reader in readers.values():
        assert "77,7" not in reader.texte
    text = readers["annexes/epci/200000001.pdf"].texte
    assert squeezed(SECRET) in text
    assert squeezed(RESERVE.replace("QP001002", "QP001002 Elnon")) in text


def test_our_own_mask_has_its_own_sign_and_every_other_absence_nd(out, readers):
    page = Page(out / "annexes" / "epci" / "200000001.html")
    part, masked = page.rows("defm")["Arenberg"]
    assert (part, masked[0], page.rows("defm")["Elnon"][0][:2]) == ("46,3", "s", "nd")
    assert "moins de 11 personnes" in page.texts[f"n-{masked[1:]}"]
    text = squeezed(re.sub("<[^>]+>", "", page.source))
    assert "232" not in text and "232" not in readers["annexes/epci/200000001.pdf"].texte
    said = "s : secret statistique, masqué avant publication ; nd : non disponible"
    assert squeezed(said) in text and squeezed(said) in readers["annexes/qpv/QP001003.pdf"].texte


def test_what_the_page_says_the_pdf_says(out, readers):
    for name, reader in readers.items():
        page, text = Page((out / name).with_suffix(".html")), reader.texte
        for title, rows in page.tables.items():
            for row in rows[1:]:
                assert squeezed("".join(row)) in text, f"{name} {title} {row[0]}"
        for heading in ("sources", "definitions", "citer"):
            assert squeezed(page.texts[heading]) in text, f"{name} {heading}"
        assert "r-20260131du31janvier2026" in text


@pytest.mark.parametrize("code", ["QP001003", "200000001"])
def test_a_fiche_alone_has_the_same_bytes_as_among_all(code, out, tmp_path):
    render(out.parent / "qpv.duckdb", tmp_path, codes=[code])
    (again,) = tmp_path.rglob("*.pdf")
    assert again.read_bytes() == (out / again.relative_to(tmp_path)).read_bytes()


def test_progress_counts_each_fiche_once_it_is_printed(out, tmp_path):
    calls = []

    def progress(done: int, total: int) -> None:
        calls.append((done, total, len(list(tmp_path.rglob("*.pdf"))) >= done))

    render(out.parent / "qpv.duckdb", tmp_path, progress=progress)
    assert calls == [(n, 5, True) for n in range(1, 6)]
