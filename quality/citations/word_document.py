"""A Word document as passages: its paragraphs, text boxes, tables and notes. Hostile ones are
refused."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from quality.citations.passages import LONGEST, Passage, Titles, table_passages, too_long
from warehouse.base.errors import QpvError

#: What is parsed before passages are given.
_STEP = 64 * 1024
_DOCUMENT = "word/document.xml"
#: The parts that are read, and what their paragraphs are called.
_PARTS = {
    _DOCUMENT: "",
    "word/footnotes.xml": "notes de bas de page, ",
    "word/endnotes.xml": "notes de fin, ",
}
#: Those that are not, and what they are.
_UNREAD = {
    "header": "en-têtes de page", "footer": "pieds de page", "comments": "commentaires",
    "charts/": "graphiques", "diagrams/": "schémas", "media/": "images",
    "embeddings/": "classeurs ou documents insérés", "afchunk": "textes insérés",
}  # fmt: skip
#: What a reviewer took out or moved away, and what is there again for an older Word.
_NOT_SHOWN = frozenset({"del", "moveFrom", "Fallback"})
#: Columns that one cell may span.
_WIDEST = 63


def read_docx(content: bytes, path: Path, told: list[str]) -> Iterator[Passage]:
    """The passages of a Word document, the notes last.

    Args:
        told: receives what is left unread.

    Raises:
        QpvError: unreadable, too long, hostile.
    """
    for part, xml in _parts(content, path, told).items():
        yield from _WordText(path, _PARTS[part]).passages(xml)


def _parts(content: bytes, path: Path, told: list[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            known = set(archive.namelist())
            for part in _PARTS:
                if part == _DOCUMENT or part in known:
                    with archive.open(archive.getinfo(part)) as member:
                        found[part] = member.read(LONGEST + 1)
    except KeyError as error:
        raise _bad_docx(path, f"sans {_DOCUMENT}") from error
    except Exception as error:  # BadZipFile, zlib.error and what else a damaged archive raises
        raise _bad_docx(path, type(error).__name__) from error
    if sum(map(len, found.values())) > LONGEST:
        raise too_long(path.name, str(path))
    told += [
        what
        for start, what in _UNREAD.items()
        if any(name.lower().startswith(f"word/{start}") for name in known)
    ]
    return found


def _bad_docx(path: Path, why: str) -> QpvError:
    return QpvError(
        f"{path.name} n'est pas un document Word lisible ({why})",
        ou=str(path),
        attendu="un fichier .docx",
        faire="l'ouvrir et l'enregistrer de nouveau au format .docx",
    )


@dataclass
class _Paragraph:
    texte: list[str] = field(default_factory=list)
    niveau: int = 0


@dataclass
class _Spanned:
    texte: list[str] = field(default_factory=list)
    largeur: int = 1

    def across(self, *, header: bool) -> list[str]:
        """A header names each of the columns that it spans; a number stands in the first one."""
        text = " ".join(self.texte)
        return [text, *[text if header else ""] * (self.largeur - 1)]


#: Its lines of cells.
_Table = list[list[_Spanned]]


class _WordText:
    """The paragraphs and tables of one part, without any entity of its own.

    A paragraph may hold a text box and a cell a table: what is open is a stack.
    """

    def __init__(self, path: Path, part: str) -> None:
        self._path, self._part = path, part
        self._ready: list[Iterator[Passage]] = []
        self._titles = Titles()
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._count = 0
        self._hidden = 0
        self._reads = False

    def passages(self, xml: bytes) -> Iterator[Passage]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        for at in range(0, len(xml) + 1, _STEP):
            try:
                parser.Parse(xml[at : at + _STEP], at + _STEP > len(xml))
            # Of an encoding that is none, Python raises its own errors.
            except (expat.ExpatError, LookupError, ValueError) as error:
                raise _bad_docx(self._path, f"XML : {error}") from error
            for ready in self._ready:
                yield from ready
            self._ready.clear()

    def _refuse(self, *_: object) -> None:
        raise _bad_docx(self._path, "il déclare des entités XML, ce que Word n'écrit jamais")

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "p":
            self._paragraphs.append(_Paragraph())
        elif tag == "pStyle" and self._paragraphs:
            level = re.fullmatch(r"(?:Heading|Titre|heading|Title)\s?([1-6])?", _val(attributes))
            self._paragraphs[-1].niveau = int(level[1] or 1) if level else 0
        elif tag == "tbl":
            self._tables.append([])
        elif tag == "tr" and self._tables:
            self._tables[-1].append([])
        elif tag == "tc" and self._tables and self._tables[-1]:
            self._tables[-1][-1].append(_Spanned())
        elif tag == "gridSpan" and self._tables and self._tables[-1] and self._tables[-1][-1]:
            width = re.fullmatch("[0-9]{1,2}", _val(attributes))
            self._tables[-1][-1][-1].largeur = min(int(width[0]), _WIDEST) if width else 1
        elif tag in _NOT_SHOWN:
            self._hidden += 1
        elif tag == "t":
            self._reads = not self._hidden
        elif tag == "noBreakHyphen" and self._paragraphs:
            self._paragraphs[-1].texte.append("-")
        elif tag in ("tab", "br", "cr") and self._paragraphs:
            self._paragraphs[-1].texte.append(" ")

    def _data(self, data: str) -> None:
        if self._reads and self._paragraphs:
            self._paragraphs[-1].texte.append(data)

    def _close(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "t":
            self._reads = False
        elif tag in _NOT_SHOWN:
            self._hidden -= 1
        elif tag == "p":
            self._paragraph(self._paragraphs.pop())
        elif tag == "tbl":
            where = f"{self._part}tableau avant le paragraphe {self._count + 1}"
            rows = [
                (f"{where}, ligne {n}", [t for cell in row for t in cell.across(header=n == 1)])
                for n, row in enumerate(self._tables.pop(), 1)
            ]
            self._ready.append(table_passages(rows, self._titles.above()))

    def _paragraph(self, read: _Paragraph) -> None:
        text = "".join(read.texte).strip()
        if self._tables and self._tables[-1] and self._tables[-1][-1]:
            self._tables[-1][-1][-1].texte.append(text)
            return
        if not text:
            return
        self._count += 1
        where = f"{self._part}paragraphe {self._count}"
        titles = self._titles.above(read.niveau or None)
        self._ready.append(iter([Passage(text, where, titles)]))
        if read.niveau:
            self._titles.add(read.niveau, text)


def _val(attributes: dict[str, str]) -> str:
    return next((v for k, v in attributes.items() if k.endswith("val")), "")
