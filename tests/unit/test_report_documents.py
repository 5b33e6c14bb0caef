"""Reports as passages: all their text is read or said unread, and no hostile one costs an hour."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest

from quality.citations import documents
from quality.citations.agreement import agreement
from quality.citations.documents import read_document
from quality.citations.french_words import fold, significant
from quality.citations.numbers_in_text import numbers
from quality.citations.passages import PIECE, Passage
from tests.fixtures.archives import zipped
from tests.fixtures.report_files import docx, paragraph, table
from warehouse.base.errors import QpvError

HEADER = (paragraph("Quartier"), paragraph("Population en 2018"))
ROW = (paragraph("QP059050"), paragraph("13 204"))
READ = "QP059050 : Population en 2018 : 13 204"


def written(folder: Path, name: str, content: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def texts(path: Path, told: list[str] | None = None) -> list[str]:
    return [p.texte for p in read_document(path, [] if told is None else told)]


def test_a_block_that_nothing_closes_is_read_and_a_closed_one_is_said(tmp_path: Path) -> None:
    told: list[str] = []
    page = written(tmp_path, "a.md", "un\n\n```\n2\n```\n\n```python\ntrois 3\n\nquatre 4\n")
    assert texts(page, told) == ["un", "python trois 3", "quatre 4"]
    assert told == ["bloc de code, lignes 3 à 5"]
    # A mark of one kind does not close a block of the other.
    told.clear()
    assert texts(written(tmp_path, "b.md", "```\n1\n~~~\n2\n```\n\n3\n"), told) == ["3"]
    assert told == ["bloc de code, lignes 1 à 5"]
    told.clear()
    inside = "```code``` et 13 204 habitants\n\n````\n```\n5\n````\n"
    assert texts(written(tmp_path, "c.md", inside), told) == ["code et 13 204 habitants"]
    assert told == ["bloc de code, lignes 3 à 6"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["|Quartier|Population en 2018|", "|---|---|", "|QP059050|13 204|"], [READ]),
        # One row; more cells than the header has names; a header that starts by a blank cell.
        (["| 13 204 habitants | en 2018 |"], ["13 204 habitants", "en 2018"]),
        (["|Q|Pop|", "|a|1|2|3|"], ["a : Pop : 1", "a :  : 2", "a :  : 3"]),
        (["||Pop|", "|a|1|"], ["a : Pop : 1"]),
        (["|Quartier|", "|12 habitants|"], ["12 habitants"]),
        (["|Nom|2018|2019|", "|a|oui|7|"], ["a : 2019 : 7", "2018"]),
        ([r"|Q\|R|Pop|", "|a|1|"], ["a : Pop : 1"]),
        (["|Q|Part (%)|", "|a|1,5|"], ["a : Part : 1,5 %"]),
        # The call of a note is no figure.
        (["13 204[^1] habitants", "", "[^1]: En 2018."], ["13 204 habitants", "En 2018."]),
    ],
)  # fmt: skip
def test_every_cell_of_a_page_is_read(
    tmp_path: Path, lines: list[str], expected: list[str]
) -> None:
    assert texts(written(tmp_path, "a.md", "\n".join(lines))) == expected


def test_a_name_that_is_cut_leaves_none_of_its_numbers_unread(tmp_path: Path) -> None:
    long = "mot " * 100
    read = texts(written(tmp_path, "a.md", f"|Q|{long}12|\n|{long}34|5|"))
    assert [t for t in read if t.endswith((" 12", " 34"))] == [f"{long}34", f"{long}12"]
    [cell] = [t for t in read if t.endswith(" : 5")]
    assert cell.count("(nom coupé)") == 2


def test_a_title_ends_those_of_its_level_and_below(tmp_path: Path) -> None:
    page = "# A\n\n### B\n\n### C\n\nun\n\n## D\n\ndeux\n\n# E\n\ntrois\n"
    word = paragraph("A", "Heading1") + paragraph("B", "Heading3") + paragraph("C", "Titre3")
    word += paragraph("un") + paragraph("D", "Heading2") + paragraph("deux")
    word += paragraph("E", "Title") + paragraph("trois")
    for path in (written(tmp_path, "a.md", page), written(tmp_path, "a.docx", docx(word))):
        assert [(p.texte, p.titres) for p in read_document(path, []) if len(p.texte) > 1] == [
            ("un", ("A", "C")), ("deux", ("A", "D")), ("trois", ("E",)),
        ]  # fmt: skip


def test_a_word_document_is_read_with_its_boxes_notes_and_nested_tables(tmp_path: Path) -> None:
    box = "<w:txbxContent>{}</w:txbxContent>"
    drawn = f"<w:p><w:r><w:t>Avant 1 </w:t></w:r>{box.format(paragraph('Encadré 2'))}"
    drawn += "<w:r><w:t>après 3</w:t></w:r></w:p>"
    inner = table(HEADER, ROW)
    body = drawn + table(HEADER, (paragraph("QP059021"), paragraph("7") + inner))
    body += table((paragraph("Une seule ligne : 8"),))
    told: list[str] = []
    path = written(
        tmp_path, "a.docx",
        docx(body, footnotes=paragraph("Note 9"), endnotes=paragraph("Fin 10"), header1="<w:p/>"),
    )  # fmt: skip
    assert texts(path, told) == [
        "Encadré 2", "Avant 1 après 3", READ, "QP059021 : Population en 2018 : 7",
        "Une seule ligne : 8", "Note 9", "Fin 10",
    ]  # fmt: skip
    assert told == ["en-têtes de page"]


def test_what_is_not_shown_in_a_word_document_is_not_read(tmp_path: Path) -> None:
    run = "<w:r><w:t>{}</w:t></w:r>"
    gone = f"<w:p><w:del>{run.format('Biffé 12 ')}</w:del>{run.format('Resté 34')}</w:p>"
    moved = f"<w:p><w:moveFrom>{run.format('Déplacé 56')}</w:moveFrom></w:p>"
    twice = f"<w:p><Choice>{run.format('Une fois 78')}</Choice>"
    twice += f"<Fallback>{run.format('Une fois 78')}</Fallback></w:p>"
    less = "<w:p><w:r><w:noBreakHyphen/><w:t>9 points</w:t></w:r></w:p>"
    path = written(tmp_path, "a.docx", docx(gone + moved + twice + less))
    assert texts(path) == ["Resté 34", "Une fois 78", "-9 points"]


def test_a_header_that_spans_columns_names_each_of_them(tmp_path: Path) -> None:
    wide = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>'
    head = (paragraph("Quartier"), wide + paragraph("Femmes"), paragraph("Hommes"))
    row = tuple(map(paragraph, ("QP059050", "1", "2", "3")))
    total = (wide + paragraph("Ensemble"), paragraph("4"), paragraph("5"))
    one = (paragraph("Tous"), wide + paragraph("6"))
    path = written(tmp_path, "a.docx", docx(table(head, row, total, one)))
    assert texts(path) == [
        "QP059050 : Femmes : 1", "QP059050 : Femmes : 2", "QP059050 : Hommes : 3",
        "Ensemble : Femmes : 4", "Ensemble : Hommes : 5", "Tous : Femmes : 6",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("e.docx", b"PK nothing", "n'est pas un document Word lisible"),
        ("f.docx", docx("<w:p>&x;</w:p>", '<!DOCTYPE d [<!ENTITY x "y">]>'), "déclare des entités"),
        ("g.docx", zipped({"word/document.xml": b" " * 25_000_000}), "passe 20 Mo"),
        ("h.docx", zipped({"other.xml": b"<a/>"}), "sans word/document.xml"),
        ("i.pdf", b"%PDF-1.4 nothing", "ne se lit pas comme PDF"),
        ("l.md", b"12 " * 60_000, "plus de 50000 nombres"),
        ("j.odt", b"", "format de rapport inconnu"),
        ("k.md", None, "ne se lit pas"),
        *[
            (f"p{n}.docx", zipped({"word/document.xml": xml}), "n'est pas un document Word lisible")
            for n, xml in enumerate((
                b'<?xml version="1.0" encoding="klingon"?><a/>',
                b'<?xml version="1.0" encoding="utf-7"?><a/>',
                b'<?xml version="1.0" encoding="shift_jis"?><a>\x82\xa0</a>',
                b'<?xml version="1.0"?><a>\xff\xfe</a>',
                "<a/>".encode("utf-32"),
                b"",
            ))
        ],
    ],
)  # fmt: skip
def test_a_hostile_report_is_refused_in_a_paragraph(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(QpvError, match=said):
        read_document(path, [])


@pytest.mark.parametrize(
    "content",
    [
        "![" * 40_000,
        "[a](" * 40_000,
        "> " * 40_000 + "mot",
        "mot " * 400_000,
        "x" * 2_000_000,
        "\n".join(f"### titre {n}\n\nmot" for n in range(4_000)),
        "# " + "é" * 200_000 + "\n\n" + "mot\n\n" * 4_000,
        "|" + "a|" * 20_000 + "\n" + "|b" * 20_000 + "\n\nmot",
        "```\n" * 20_001 + "mot",
        "~~~ a\n" * 20_000 + "mot",
    ],
    ids=[
        "brackets",
        "links",
        "quotes",
        "words",
        "one word",
        "titles",
        "title",
        "cells",
        "fences",
        "open fences",
    ],
)
def test_a_page_is_read_in_a_time_that_follows_its_length(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, "a.md", content)
    start = time.process_time()
    passages = read_document(path, [])
    assert time.process_time() - start < 3
    assert max(len(p.texte) for p in passages) <= PIECE
    assert max(map(len, (title for p in passages for title in p.titres)), default=0) <= PIECE
    assert max(len(p.titres) for p in passages) <= 6


def test_a_number_is_not_cut_in_two_pieces() -> None:
    whole = "x" * (PIECE - 9) + " dit 13 204 fois"
    assert [p.texte[-16:].strip() for p in Passage(whole, "").pieces()][1] == "13 204 fois"


def test_a_report_is_no_longer_than_one_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LONGEST", 1000)
    assert texts(written(tmp_path, "a.md", "mot " * 250))
    with pytest.raises(QpvError, match="passe 20 Mo"):
        read_document(written(tmp_path, "a.md", "mot " * 150 + "\n\n" + "mot " * 150), [])


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exec yes", "passe 20 Mo"),
        ("exec sleep 60", "ne se lit pas en"),
        ("exit 3", "ne se lit pas comme PDF"),
        ("true", "n'a pas de texte"),
    ],
)
def test_a_pdf_that_does_not_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    command = written(tmp_path, "pdftotext", f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(documents, "_PDF_SECONDS", 0.5 if "sleep" in script else 30)
    with pytest.raises(QpvError, match=said):
        read_document(written(tmp_path, "a.pdf", "%PDF"), [])


def test_a_figure_stands_where_its_letters_do_however_they_are_written() -> None:
    passage = Passage(unicodedata.normalize("NFD", "Économie : près de 13 204 salariés."), "")
    assert len(fold(passage.texte)) == len(passage.texte)
    [figure] = numbers(passage.texte, [], [])[0]
    assert passage.texte[figure.start : figure.end] == figure.texte == "13 204"
    assert figure.environ
    assert passage.texte == unicodedata.normalize("NFC", passage.texte)


def test_a_number_of_thousands_of_digits_is_a_number() -> None:
    [figure] = numbers("9" * 5_000 + " habitants", [], [])[0]
    assert agreement(figure, 13204, 0) is None
    [about] = numbers("environ " + "9" * 5_000, [], [])[0]
    assert agreement(about, 13204, 0) is None
    assert significant("moins de " + "9" * 5_000 + " ans") >= {"9" * 5_000}
    assert numbers("Un habitant sur " + "9" * 5_000, [], [])[0]
