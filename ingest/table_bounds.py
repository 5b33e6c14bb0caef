"""What a table would become in memory, judged before it is unfolded there. Reads no value."""

from __future__ import annotations

import io
import zipfile
from typing import IO

from ingest.limits import Limites
from ingest.workbook_parts import REFERENCE, column_of, parse
from warehouse.base.bounded_files import MO
from warehouse.base.errors import QpvError
from warehouse.domain.format import nombre

#: Other formats of workbooks, which a reader of xlsx would try in its place.
_OTHER_BOOKS = {"content.xml", "xl/workbook.bin"}


class _Enough(Exception):
    """The root of an XML part has been seen."""


def refuse_cells(where: str, rows: int, columns: int, limites: Limites) -> None:
    """Refuse a table of too many rows, or of too many rows × columns."""
    if rows > limites.lignes or rows * columns > limites.cellules:
        raise QpvError(
            f"tableau démesuré : {nombre(rows, 0)} lignes et {nombre(columns, 0)} colonnes",
            ou=where,
            attendu=f"au plus {nombre(limites.lignes, 0)} lignes "
            f"et {nombre(limites.cellules, 0)} cellules",
            faire="vérifier que c'est le bon fichier ; dans un classeur, effacer ce qui est écrit "
            "loin du tableau",
        )


def refuse_text(where: str, octets: int, limites: Limites) -> None:
    """Refuse cells whose texts would weigh too much once each has its own."""
    if octets > limites.octets:
        raise QpvError(
            f"tableau démesuré : {octets // MO} Mo de textes une fois déplié",
            ou=where,
            attendu=f"au plus {limites.octets // MO} Mo (`taille_max` de la source)",
            faire="vérifier que c'est le bon fichier",
        )


def refuse_wide_text(content: bytes, nom: str, limites: Limites) -> None:
    """Refuse a csv by its ends of lines and its separators, the most frequent one."""
    rows = max(content.count(b"\n"), content.count(b"\r")) + 1
    separators = max(content.count(s) for s in (b";", b",", b"\t"))
    refuse_cells(f"fichier {nom}", rows, -(-(separators + rows) // rows), limites)


def refuse_wide_xlsx(content: bytes, nom: str, limites: Limites) -> None:
    """Refuse an xlsx one of whose sheets reaches too far, or repeats its texts too often.

    A reader of values makes a whole rectangle, from the first cell to the last, of each sheet: one
    stray cell at its far end is enough to end the process.

    Raises:
        QpvError: too far, too heavy.
        Exception: it is no xlsx, or it is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [i for i in archive.infolist() if not i.is_dir()]
        if any(info.filename.casefold() in _OTHER_BOOKS for info in names):
            raise ValueError("ce n'est pas un classeur xlsx (xlsb, ods : l'enregistrer en xlsx)")
        roots = {info: _root(archive, info) for info in names}
        texts: list[int] = []
        for info in (i for i, root in roots.items() if root == "sst"):
            with archive.open(info) as part:
                found = _lengths(part)
            texts = [max(pair) for pair in zip(texts, found, strict=False)] or found
        cells = weight = 0
        for info in (i for i, root in roots.items() if root == "worksheet"):
            with archive.open(info) as part:
                rows, columns, octets = _extent(part, texts)
            where = f"fichier {nom}, partie {info.filename}"
            refuse_cells(where, rows, columns, limites)
            cells, weight = cells + rows * columns, weight + octets
            refuse_cells(where, 1, cells, limites)
            refuse_text(where, weight, limites)


def refuse_wide_xls(content: bytes, nom: str, limites: Limites) -> None:
    """The same of an xls, all of whose sheets are unfolded together.

    Raises:
        QpvError: too far, too heavy.
        Exception: whatever `xlrd` meets in bytes that are no workbook.
    """
    import xlrd

    book = xlrd.open_workbook(
        file_contents=content, on_demand=True, ragged_rows=True, logfile=io.StringIO()
    )
    cells = weight = 0
    for index, name in enumerate(book.sheet_names()):
        sheet = book.sheet_by_index(index)
        where = f"fichier {nom}, feuille {name!r}"
        refuse_cells(where, sheet.nrows, sheet.ncols, limites)
        cells += sheet.nrows * sheet.ncols
        refuse_cells(where, 1, cells, limites)
        for line in range(sheet.nrows):
            weight += sum(len(v) for v in sheet.row_values(line) if isinstance(v, str))
        refuse_text(where, weight, limites)
        book.unload_sheet(index)


def _root(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> str:
    """The local name of the first element of a part; empty for what is no XML."""
    found: list[str] = []

    def see(name: str, _: dict[str, str]) -> None:
        found.append(name)
        raise _Enough

    with archive.open(info) as part:
        try:
            parse(part, see)
        except _Enough:
            return found[0]
        except Exception:  # an image, a macro, a printer's settings
            return ""
    return ""


def _lengths(part: IO[bytes]) -> list[int]:
    """The length of each shared text."""
    lengths: list[int] = []

    def see(name: str, _: dict[str, str]) -> None:
        if name == "si":
            lengths.append(0)

    def read(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    parse(part, see, text=read)
    return lengths


def _extent(part: IO[bytes], texts: list[int]) -> tuple[int, int, int]:
    """Last row and last column that hold something, and the length of its shared texts."""
    line = column = -1
    rows = columns = weight = 0
    shared = in_value = False

    def see(name: str, given: dict[str, str]) -> None:
        nonlocal line, column, rows, columns, shared, in_value
        if name == "row":
            line, column = int(given.get("r", max(line, 0) + 1)), -1
        elif name == "c":
            column += 1
            shared = given.get("t") == "s"
            if "r" in given:
                place = REFERENCE.fullmatch(given["r"].upper())
                if place is None:
                    raise ValueError(f"une cellule dont la place se lit mal ({given['r']:.20})")
                line, column = int(place[2]), column_of(place[1])
        elif name in ("v", "is"):
            in_value = name == "v"
            rows, columns = max(rows, line), max(columns, column + 1)

    def leave(name: str) -> None:
        nonlocal in_value
        in_value = in_value and name != "v"

    def read(text: str) -> None:
        nonlocal weight
        if shared and in_value and len(text) < 10 and text.strip().isdecimal():
            at = int(text)
            weight += texts[at] if at < len(texts) else 0

    parse(part, see, leave, read)
    return rows, columns, weight
