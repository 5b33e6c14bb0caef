"""A report as passages of text: Markdown, Word, PDF. Hostile files are refused."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.parsers import expat

from warehouse.base.bounded_files import MO, read_bounded
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import decode

#: A report is not heavier; nor its text, once out of its archive.
_HEAVIEST = 50 * MO
_LONGEST = 20 * MO
#: Characters that are read together, and numbers of one report.
_PIECE = 4000
_MOST_NUMBERS = 50_000
_DIGITS = re.compile(r"[0-9]+")
_DOCUMENT = "word/document.xml"
_PDF_SECONDS = 60
_SENTENCE = re.compile(r"(?<=[.!?…])[\"»”)]*\s+(?=[A-ZÀ-ÖØ-Þ0-9«“\"])")
_ABBREVIATED = re.compile(r"\b(?:St|Ste|M|Mme|art|cf|env|n|p|av|bd)\.$")


@dataclass(frozen=True)
class Passage:
    """A paragraph, its place in the document, and the titles above it.

    `cellules`: of a line of a table, its cells under their headers.
    """

    texte: str
    ou: str
    titres: tuple[str, ...] = ()

    def sentences(self, named: list[tuple[int, int]]) -> list[str]:
        """Its sentences; neither an abbreviation nor a stretch that is `named` ends one."""
        found, at = [], 0
        for end in _SENTENCE.finditer(self.texte):
            inside = any(s < end.end() and end.start() < e for s, e in named)
            if not inside and not _ABBREVIATED.search(self.texte[at : end.start()]):
                found.append(self.texte[at : end.start()])
                at = end.end()
        return [s for s in (*found, self.texte[at:]) if s.strip()]


def read_document(path: Path) -> list[Passage]:
    """The passages of a report.

    Raises:
        QpvError: unreadable, too heavy, of another format, hostile.
    """
    readers = {
        ".md": _markdown,
        ".markdown": _markdown,
        ".txt": _markdown,
        ".docx": _docx,
        ".pdf": _pdf,
    }
    reader = readers.get(path.suffix.lower())
    if not reader:
        raise QpvError(
            f"format de rapport inconnu : {path.suffix or 'sans extension'}",
            ou=str(path),
            attendu="un texte .md ou .txt, un document .docx ou un .pdf",
            faire="l'enregistrer dans un de ces formats",
        )
    try:
        content = read_bounded(path, _HEAVIEST)
    except OSError as error:
        raise QpvError(f"{path.name} ne se lit pas : {error}", ou=str(path)) from error
    passages = [cut for passage in reader(content, path) for cut in _cut(passage)]
    if sum(len(_DIGITS.findall(passage.texte)) for passage in passages) > _MOST_NUMBERS:
        raise QpvError(
            f"{path.name} a plus de {_MOST_NUMBERS} nombres",
            ou=str(path),
            attendu="un rapport à lire, non un fichier de données",
            faire="donner les tableaux en CSV, par `qpv verifier FICHE.csv… --publication`",
        )
    return passages


def _cut(passage: Passage) -> Iterator[Passage]:
    """A passage that nobody could read at once, in pieces: no text is worth an hour."""
    text = passage.texte
    while len(text) > _PIECE:
        at = text.rfind(" ", 1, _PIECE)
        at = at if at > 0 else _PIECE
        yield replace(passage, texte=text[:at])
        text = text[at:].lstrip()
    yield replace(passage, texte=text)


def _markdown(content: bytes, path: Path) -> Iterator[Passage]:
    titles: list[str] = []
    lines: list[str] = []
    start, fenced = 1, False
    header: list[str] = []

    def whole() -> Iterator[Passage]:
        if lines:
            yield Passage(" ".join(lines), f"ligne {start}", tuple(titles))
            lines.clear()

    for at, raw in enumerate(decode(content, str(path)).splitlines(), 1):
        line = _unmarked(raw)
        if raw.lstrip().startswith(("```", "~~~")):
            yield from whole()
            fenced = not fenced
        elif fenced:
            continue
        elif title := re.match(r"(#{1,6})\s+(.*)", raw.strip()):
            yield from whole()
            del titles[len(title[1]) - 1 :]
            titles.append(_unmarked(title[2]))
            yield Passage(_unmarked(title[2]), f"ligne {at}", tuple(titles[:-1]))
        elif raw.strip().startswith("|"):
            yield from whole()
            cells = [_unmarked(c) for c in raw.strip().strip("|").split("|")]
            if all(re.fullmatch(r":?-{2,}:?", c) for c in cells):
                continue
            if not header:
                header = cells
                continue
            yield from _table_row(header, cells, f"ligne {at}", tuple(titles))
            continue
        elif not line or re.match(r"\s*(?:[-*•+]|[0-9]+[.)])\s", raw):
            yield from whole()
            lines[:] = [line] if line else []
            start = at
        else:
            if not lines:
                start = at
            lines.append(line)
        if not raw.strip().startswith("|"):
            header = []
    yield from whole()


def _table_row(
    header: list[str], cells: list[str], ou: str, titles: tuple[str, ...]
) -> Iterator[Passage]:
    """Each cell of a line of a table as a sentence: whose it is, what it is, how much."""
    for name, cell in list(zip(header, cells, strict=False))[1:]:
        if any(c.isdigit() for c in cell):
            unit = next((f" {u}" for u in "%€" if u in name and u not in cell), "")
            plain = re.sub(r"[%€]|\(\s*[%€]\s*\)", " ", name)
            yield Passage(f"{cells[0]} : {plain} : {cell}{unit}", f"{ou}, {name}", titles)


def _unmarked(line: str) -> str:
    """A line without the marks of Markdown; the tokens of figures stay."""
    line = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", line)
    line = re.sub(r"^\s*(?:>\s*)+", "", line)
    line = re.sub(r"^\s*[-*•+]\s+", "", line)
    return re.sub(r"(\*\*|__|`|(?<!\w)[*_]|[*_](?!\w))", "", line).strip()


def _docx(content: bytes, path: Path) -> Iterator[Passage]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            info = archive.getinfo(_DOCUMENT)
            with archive.open(info) as member:
                xml = member.read(_LONGEST + 1)
    except KeyError as error:
        raise _bad_docx(path, f"sans {_DOCUMENT}") from error
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise _bad_docx(path, type(error).__name__) from error
    except Exception as error:  # zlib.error and what else a damaged archive raises
        raise _bad_docx(path, type(error).__name__) from error
    if len(xml) > _LONGEST:
        raise QpvError(
            f"{path.name} : son texte passe {_LONGEST // MO} Mo une fois décompressé",
            ou=str(path),
            attendu="un rapport, non une archive piégée",
        )
    return _WordText(path).passages(xml)


def _bad_docx(path: Path, why: str) -> QpvError:
    return QpvError(
        f"{path.name} n'est pas un document Word lisible ({why})",
        ou=str(path),
        attendu="un fichier .docx",
        faire="l'ouvrir et l'enregistrer de nouveau au format .docx",
    )


class _WordText:
    """The paragraphs and tables of a Word document, without any entity of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._passages: list[Passage] = []
        self._titles: list[str] = []
        self._text: list[str] = []
        self._level = 0
        self._count = 0
        self._rows: list[list[str]] | None = None
        self._cell: list[str] = []
        self._deleted = 0
        self._reads = False

    def passages(self, xml: bytes) -> Iterator[Passage]:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._open
        parser.EndElementHandler = self._close
        parser.CharacterDataHandler = self._data
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        try:
            parser.Parse(xml, True)
        except expat.ExpatError as error:
            raise _bad_docx(self._path, f"XML : {error}") from error
        return iter(self._passages)

    def _refuse(self, *_: object) -> None:
        raise _bad_docx(self._path, "il déclare des entités XML, ce que Word n'écrit jamais")

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "p":
            self._text, self._level = [], 0
        elif tag == "pStyle":
            style = next((v for k, v in attributes.items() if k.endswith("val")), "")
            level = re.fullmatch(r"(?:Heading|Titre|heading|Title)\s?([1-6])?", style)
            self._level = int(level[1] or 1) if level else 0
        elif tag == "tbl":
            self._rows = []
        elif tag == "tr" and self._rows is not None:
            self._rows.append([])
        elif tag == "tc":
            self._cell = []
        elif tag == "del":
            self._deleted += 1
        elif tag == "t":
            self._reads = not self._deleted
        elif tag in ("tab", "br", "cr"):
            self._text.append(" ")

    def _data(self, data: str) -> None:
        if self._reads:
            self._text.append(data)

    def _close(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "t":
            self._reads = False
        elif tag == "del":
            self._deleted -= 1
        elif tag == "p":
            self._paragraph()
        elif tag == "tc" and self._rows:
            self._rows[-1].append(" ".join(self._cell))
        elif tag == "tbl":
            for n, row in enumerate((self._rows or [])[1:], 2):
                where = f"tableau avant le paragraphe {self._count + 1}, ligne {n}"
                self._passages += _table_row(
                    (self._rows or [[]])[0], row, where, tuple(self._titles)
                )
            self._rows = None

    def _paragraph(self) -> None:
        text = "".join(self._text).strip()
        self._text = []
        if self._rows is not None:
            self._cell.append(text)
            return
        if not text:
            return
        self._count += 1
        if self._level:
            del self._titles[self._level - 1 :]
        self._passages.append(Passage(text, f"paragraphe {self._count}", tuple(self._titles)))
        if self._level:
            self._titles.append(text)


def _pdf(content: bytes, path: Path) -> Iterator[Passage]:
    """By `pdftotext`, in a process of its own: a PDF is a program that one does not trust."""
    command = shutil.which("pdftotext")
    if not command:
        raise QpvError(
            "pdftotext n'est pas installé, un PDF ne se lit pas sans lui",
            ou=str(path),
            faire="installer le paquet poppler-utils, ou donner le rapport en .docx ou .md",
        )
    try:
        done = subprocess.run(
            [command, "-q", "-enc", "UTF-8", "-", "-"],
            input=content, capture_output=True, timeout=_PDF_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise QpvError(f"{path.name} ne se lit pas en {_PDF_SECONDS} s", ou=str(path)) from error
    if done.returncode or len(done.stdout) > _LONGEST:
        raise QpvError(
            f"{path.name} ne se lit pas comme PDF",
            ou=str(path),
            attendu="un PDF qui a du texte, sans mot de passe",
            faire="le réenregistrer, ou donner le rapport en .docx ou .md",
        )
    pages = done.stdout.decode("utf-8", "replace").split("\f")
    if not any(page.strip() for page in pages):
        raise QpvError(
            f"{path.name} n'a pas de texte",
            ou=str(path),
            attendu="un PDF de texte : celui-ci n'a sans doute que des images",
            faire="donner le document d'origine",
        )
    return _pages(pages)


def _pages(pages: list[str]) -> Iterator[Passage]:
    for number, page in enumerate(pages, 1):
        for block in re.split(r"\n\s*\n", page):
            text = re.sub(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])", "", block)
            if text.strip():
                yield Passage(" ".join(text.split()), f"page {number}")
