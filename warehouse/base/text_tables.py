"""Tables as spreadsheets and producers leave them, down to a header and rows. Judges no value."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.base.bounded_files import read_bounded
from warehouse.base.characters import is_mendable, mend
from warehouse.base.errors import QpvError
from warehouse.base.numbers import is_number

if TYPE_CHECKING:
    from _csv import Reader

#: The header row is looked for among the first rows only.
HEADER_ROWS = 15
#: What a text begins with that a spreadsheet computes when it opens a CSV.
FORMULE = "=+@-\t\r"
_SEPARATORS = (";", ",", "\t")
#: Characters of one cell.
_LONGEST_CELL = 131_072
#: How the notes under a table start: a word and a colon, or the mark of a note.
_NOTE = re.compile(
    r"(sources?|notes?( de lecture)?|champs?|lecture|avertissement|remarques?|observations?"
    r"|précisions?|données|définitions?|légende|unités?|nd|ns|s|n\.d\.|n\.s\.)\s*[:=].*"
    r"|[*©¹²³].*|\([0-9a-z*]\).*",
    re.IGNORECASE | re.DOTALL,
)
#: The same without a colon, in a row that holds nothing else.
_BARE_NOTE = re.compile(r"(source|note|champ|lecture)s? .*", re.IGNORECASE | re.DOTALL)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: What starts files that are no text: a zip or a workbook, an older workbook, gzip, a PDF.
_NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"%PDF")
_REPRENDRE = "reprendre le fichier du producteur"


@dataclass(frozen=True)
class TextTable:
    """A header and the rows under it, each as long as it, with their numbers in the file from 1.

    `rendus`: cells in which a control character was given back its Windows-1252 letter.
    """

    header: list[str]
    rows: list[tuple[int, list[str]]]
    rendus: int = 0


class NoHeader(QpvError):
    """No row of the file bears the header of the key column."""

    def __init__(self, nom: str, key: str, place: str = "") -> None:
        wanted = f"une colonne {key!r} dans les {HEADER_ROWS} premières lignes {place}"
        super().__init__(
            "aucune ligne d'en-tête ne porte la colonne clé",
            ou=f"fichier {nom}",
            attendu=f"{wanted.strip()} ; dans un CSV, un point-virgule, une virgule ou une "
            "tabulation sépare les colonnes",
            faire="vérifier que c'est le bon fichier, ou corriger `entete_cle` dans le YAML",
        )


def header_key(header: str) -> str:
    """A header as compared: surrounding blanks and case do not count, nothing else is forgiven."""
    return re.sub(r"\s+", " ", header.replace("\ufeff", "")).strip().casefold()


def place(
    nom: str,
    *,
    feuille: str | None = None,
    ligne: int | None = None,
    colonne: str | None = None,
    rang: str = "ligne",
) -> str:
    """A place in a file, in words; `rang`: what a row is called."""
    parts = [f"fichier {nom}"]
    if feuille:
        parts.append(f"feuille {feuille!r}")
    if ligne is not None:
        parts.append(f"{rang} {ligne}")
    if colonne is not None:
        parts.append(f"colonne {colonne!r}")
    return ", ".join(parts)


def csv_bytes(path: Path, most: int) -> bytes:
    """The bytes of a CSV that somebody gives, `most` of them at most.

    Raises:
        QpvError: no ordinary file, a heavier one, a workbook, an archive or a document.
    """
    try:
        content = read_bounded(path, most)
    except OSError as error:
        raise QpvError(
            f"{path.name} ne se lit pas : {error.strerror or error}",
            ou=str(path),
            attendu="un fichier CSV",
        ) from error
    if content.startswith(_NO_TEXT):
        raise QpvError(
            "c'est un classeur, une archive ou un document, non un CSV",
            ou=str(path),
            attendu="un fichier CSV",
            faire="l'ouvrir dans un tableur et l'enregistrer au format « CSV UTF-8 »",
        )
    return content


def decode(content: bytes, nom: str) -> str:
    """UTF-8 with or without BOM, else Windows-1252: the two encodings that producers use.

    A file that is UTF-8 as far as its first fault (BOM, accents) is a damaged UTF-8 file.

    Raises:
        QpvError: neither, or damaged; UTF-16 is named.
    """
    if is_utf16(content):
        raise QpvError(
            "fichier en UTF-16, ce que des tableurs nomment « texte Unicode »",
            ou=f"fichier {nom}",
            attendu="UTF-8 ou Windows-1252",
            faire="l'enregistrer de nouveau, au format « CSV UTF-8 »",
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sound = content[: error.start]
        if not sound.isascii() or content.startswith(codecs.BOM_UTF8):
            line = sound.count(b"\n") + 1
            raise QpvError(
                "fichier UTF-8 abîmé ou tronqué",
                ou=f"fichier {nom}, ligne {line}",
                faire=_REPRENDRE,
            ) from error
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise QpvError(
            "encodage illisible",
            ou=f"fichier {nom}, ligne {line}",
            attendu="UTF-8 ou Windows-1252",
        ) from error


def is_utf16(head: bytes) -> bool:
    """Whether a file starts as UTF-16 does: its mark, or one byte in two that is zero.

    Zeros on both sides are no letters: a workbook, a program, a damaged file.
    """
    pairs = head[:200]
    half = len(pairs) // 2
    few, many = sorted(pairs[i::2].count(0) for i in (0, 1))
    return pairs.startswith(_UTF16) or (half > 1 and many > 0.9 * half and few < 0.1 * half)


def csv_reader(lines: Iterable[str], separator: str, *, strict: bool = False) -> Reader:
    """The rows of a CSV, none of whose cells is longer than 131,072 characters.

    The bound is of the process: dbt's libraries raise it, so that it is said again here.
    """
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(lines, delimiter=separator, strict=strict)


def read_csv(content: bytes, nom: str, key: str) -> TextTable:
    """The table of a CSV whose header row is the first that bears the key's header.

    Args:
        content: the file, in UTF-8 or Windows-1252, separated by `;`, `,` or tabs.
        nom: its name, for messages.
        key: header of the key column.

    Raises:
        QpvError: unreadable text, no header row with the key (`NoHeader`), a header written twice,
            rows of unequal length.
    """
    text = decode(content, nom)
    try:
        separator = _separator(text, header_key(key))
    except csv.Error as error:
        raise _unreadable(error, nom, 1) from error
    if separator is None:
        raise NoHeader(nom, key)
    reader = csv_reader(io.StringIO(text, newline=""), separator, strict=True)
    try:
        numbered = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise _unreadable(error, nom, reader.line_num) from error
    return frame(numbered, nom, key)


def _unreadable(error: csv.Error, nom: str, ligne: int) -> QpvError:
    return QpvError(
        f"CSV illisible : guillemets mal fermés, cellule trop longue ou fichier tronqué ({error})",
        ou=f"fichier {nom}, ligne {ligne}",
        faire=_REPRENDRE,
    )


def _separator(text: str, key: str) -> str | None:
    """The separator under which one of the first lines bears the key's header."""
    lines = re.split(r"\r\n|\r|\n", text[:200_000])[:HEADER_ROWS]
    for separator in _SEPARATORS:
        for line in lines:
            if any(key in map(header_key, row) for row in csv_reader([line], separator)):
                return separator
    return None


def header_at(numbered: list[tuple[int, list[str]]], key: str) -> int | None:
    """Where the first row stands that bears the key's header; None when none of the first does."""
    head = enumerate(numbered[:HEADER_ROWS])
    return next((i for i, (_, row) in head if header_key(key) in map(header_key, row)), None)


def frame(
    numbered: list[tuple[int, list[str]]], nom: str, key: str, feuille: str | None = None
) -> TextTable:
    """Header and data rows: titles, blank rows, empty trailing columns and notes dropped.

    Raises:
        QpvError: no header row with the key, a header written twice, rows of unequal length.
    """
    numbered, mended = mend_rows(numbered)
    at = header_at(numbered, key)
    if at is None:
        raise NoHeader(nom, key)
    header = [_named(h) for h in numbered[at][1]]
    rows = [(n, r) for n, r in numbered[at + 1 :] if any(map(str.strip, r))]
    where = list(map(header_key, header)).index(header_key(key))
    rows = _without_notes(rows, where, sum(map(bool, header)))
    for number, row in rows:
        if len(row) > len(header) and any(map(str.strip, row[len(header) :])):
            raise QpvError(
                "une ligne a plus de cellules que d'en-têtes",
                ou=place(nom, feuille=feuille, ligne=number),
                attendu=f"{len(header)} cellules, {len(row)} lues",
                faire=_REPRENDRE,
            )
    used = max(_last_filled(row) for row in [header, *(r for _, r in rows)])
    header = header[: used + 1]
    _refuse_twins(header, nom, feuille, numbered[at][0])
    for number, row in rows:
        if len(row) <= used:
            raise QpvError(
                "une ligne est plus courte que l'en-tête : le fichier est sans doute tronqué",
                ou=place(nom, feuille=feuille, ligne=number),
                attendu=f"{used + 1} cellules, {len(row)} lues",
                faire=f"{_REPRENDRE} ; si c'est une note sous le tableau, l'ôter, ou la commencer "
                "par « Note : »",
            )
    return TextTable(header, [(n, r[: used + 1]) for n, r in rows], mended)


def _last_filled(row: list[str]) -> int:
    """Where the last cell of a row that is not blank stands; -1 when all are."""
    if row and row[-1].strip():
        return len(row) - 1
    return next((at for at in range(len(row) - 1, -1, -1) if row[at].strip()), -1)


def mend_rows(
    rows: list[tuple[int, list[str]]],
) -> tuple[list[tuple[int, list[str]]], int]:
    """(row number, cells) with C1 controls turned into their letters, and how many cells were."""
    found, count = [], 0
    for number, row in rows:
        if is_mendable("".join(row)):
            mended = [mend(cell) for cell in row]
            count += sum(one != other for one, other in zip(row, mended, strict=True))
            row = mended
        found.append((number, row))
    return found, count


def _without_notes(
    rows: list[tuple[int, list[str]]], key: int, width: int
) -> list[tuple[int, list[str]]]:
    """The rows without the notes under them, from the first line that starts as a note does.

    The last line of a cut file does not start so: it stays, and is refused for what it lacks.
    """
    first = len(rows)
    for index in range(len(rows) - 1, -1, -1):
        filled = [at for at, cell in enumerate(rows[index][1]) if cell.strip()]
        if _is_note(rows[index][1], filled, key, width):
            first = index
        elif len(filled) > 1:
            break
    return rows[:first]


def _is_note(cells: list[str], filled: list[int], key: int, width: int) -> bool:
    """A first cell that starts as a note, and no more than the pieces that a separator made of it.

    A row that fills every column and has a number is data, whatever its first cell.
    """
    text, alone = cells[0].strip(), filled == [0]
    full = len(filled) == width and any(is_number(cell) for cell in cells[1:])
    if not alone and (filled != [*range(len(filled))] or full or key > 0):
        return False
    return bool(_NOTE.fullmatch(text) or (alone and _BARE_NOTE.fullmatch(text)))


def _refuse_twins(header: list[str], nom: str, feuille: str | None, number: int) -> None:
    seen: dict[str, int] = {}
    for index, name in enumerate(header, 1):
        first = seen.setdefault(header_key(name), index) if name else index
        if first != index:
            raise QpvError(
                f"deux colonnes portent l'en-tête {name!r}",
                ou=place(nom, feuille=feuille, ligne=number, colonne=name),
                attendu=f"des en-têtes tous différents ; il est en colonnes {first} et {index}",
                faire=_REPRENDRE,
            )


def _named(header: str) -> str:
    """A header without its blanks; one that pandas made up for an empty column is no name."""
    name = header.replace("\ufeff", "").strip()
    return "" if re.fullmatch(r"Unnamed: \d+", name) else name
