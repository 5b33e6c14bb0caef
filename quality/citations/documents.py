"""A report as passages of text: Markdown, Word, PDF. Hostile files are refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from quality.citations.passages import LONGEST, Passage, Titles, table_passages, too_long
from quality.citations.word_document import read_docx
from warehouse.base.bounded_files import MO, read_bounded
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import decode

#: A report is not heavier.
_HEAVIEST = 50 * MO
#: Numbers of one report.
_MOST_NUMBERS = 50_000
_DIGITS = re.compile(r"[0-9]+")
#: What opens a block of code; « ```12``` » in a line does not.
_FENCE = re.compile(r"\s*(`{3,}(?=[^`]*$)|~{3,})")
#: Bounded: an opening bracket that nothing closes would be looked for to the end of each line.
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^)]{0,500}\)")
#: The call of a note is no figure: « 13 204[^1] ».
_NOTE = re.compile(r"\[\^[^\[\]\s]{1,50}\]:?")
#: A bar that is no limit of a cell is written so.
_BAR = re.compile(r"(?<!\\)\|")
_PDF_SECONDS = 60


def read_document(path: Path, told: list[str]) -> list[Passage]:
    """The passages of a report.

    Args:
        told: receives what is left unread.

    Raises:
        QpvError: unreadable, too heavy, of another format, hostile.
    """
    readers = {
        ".md": _markdown,
        ".markdown": _markdown,
        ".txt": _markdown,
        ".docx": read_docx,
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
    passages: list[Passage] = []
    numbers = length = 0
    # Counted as they come: a file of data is not held whole before it is refused.
    for passage in reader(content, path, told):
        length += len(passage.texte)
        if length > LONGEST:
            raise too_long(path.name, str(path))
        numbers += len(_DIGITS.findall(passage.texte))
        if numbers > _MOST_NUMBERS:
            raise QpvError(
                f"{path.name} a plus de {_MOST_NUMBERS} nombres",
                ou=str(path),
                attendu="un rapport à lire, non un fichier de données",
                faire="donner les tableaux en CSV, par `qpv verifier FICHE.csv… --publication`",
            )
        passages += passage.pieces()
    return passages


def _markdown(content: bytes, path: Path, told: list[str]) -> Iterator[Passage]:
    titles = Titles()
    lines: list[str] = []
    table: list[tuple[str, list[str]]] = []
    start = 1
    raws = decode(content, str(path)).splitlines()
    code = _code(raws, told)

    def whole() -> Iterator[Passage]:
        if lines:
            yield Passage(" ".join(lines), f"ligne {start}", titles.above())
            lines.clear()
        yield from table_passages(table, titles.above())
        table.clear()

    for at, raw in enumerate(raws, 1):
        line = _unmarked(raw)
        if at in code:
            yield from whole()
        elif title := re.match(r"(#{1,6})\s+(.*)", raw.strip()):
            yield from whole()
            level, text = len(title[1]), _unmarked(title[2])
            yield Passage(text, f"ligne {at}", titles.above(level))
            titles.add(level, text)
        elif raw.strip().startswith("|"):
            if lines:
                yield from whole()
            cells = [_unmarked(c) for c in _BAR.split(raw.strip()[1:].removesuffix("|"))]
            if not all(re.fullmatch(r":?-{2,}:?", c) for c in cells):
                table.append((f"ligne {at}", cells))
        elif not line or re.match(r"\s*(?:[-*•+]|[0-9]+[.)])\s", raw):
            yield from whole()
            lines[:] = [line] if line else []
            start = at
        else:
            if not lines:
                yield from whole()
                start = at
            lines.append(line)
    yield from whole()


def _code(raws: list[str], told: list[str]) -> set[int]:
    """The lines of blocks of code, which are told; one that nothing closes is text like any
    other."""
    found: set[int] = set()
    opened, mark = 0, ""
    for at, raw in enumerate(raws, 1):
        if not mark and (fence := _FENCE.match(raw)):
            opened, mark = at, fence[1]
        elif mark and (bare := raw.strip()).startswith(mark) and not bare.strip(mark[0]):
            found.update(range(opened, at + 1))
            told.append(f"bloc de code, lignes {opened} à {at}")
            mark = ""
    return found


def _unmarked(line: str) -> str:
    """A line without the marks of Markdown; the tokens of figures stay."""
    line = _LINK.sub(r"\1", _NOTE.sub("", line))
    line = re.sub(r"^\s*(?:>\s*)+", "", line)
    line = re.sub(r"^\s*[-*•+]\s+", "", line)
    return re.sub(r"(\*\*|__|`|(?<!\w)[*_]|[*_](?!\w))", "", line).strip()


def _pdf(content: bytes, path: Path, _told: list[str]) -> Iterator[Passage]:
    """By `pdftotext`, in a process of its own: a PDF is a program that one does not trust."""
    command = shutil.which("pdftotext")
    if not command:
        raise QpvError(
            "pdftotext n'est pas installé, un PDF ne se lit pas sans lui",
            ou=str(path),
            faire="installer le paquet poppler-utils, ou donner le rapport en .docx ou .md",
        )
    with tempfile.TemporaryFile() as given:
        given.write(content)
        given.seek(0)
        with subprocess.Popen(
            [command, "-q", "-enc", "UTF-8", "-", "-"],
            stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            late = threading.Timer(_PDF_SECONDS, process.kill)
            late.start()
            assert process.stdout is not None
            # No more of it is held than is read.
            text = process.stdout.read(LONGEST + 1)
            in_time = late.is_alive()
            late.cancel()
            process.stdout.close()
            if len(text) > LONGEST:
                process.kill()
            failed = process.wait() != 0
    if not in_time:
        raise QpvError(
            f"{path.name} ne se lit pas en {_PDF_SECONDS} s",
            ou=str(path),
            faire="le réenregistrer, ou donner le rapport en .docx ou .md",
        )
    if len(text) > LONGEST:
        raise too_long(path.name, str(path))
    if failed:
        raise QpvError(
            f"{path.name} ne se lit pas comme PDF",
            ou=str(path),
            attendu="un PDF qui a du texte, sans mot de passe",
            faire="le réenregistrer, ou donner le rapport en .docx ou .md",
        )
    pages = text.decode("utf-8", "replace").split("\f")
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
