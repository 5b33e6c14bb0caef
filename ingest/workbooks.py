"""From the bytes of a workbook to the text of its cells, errors and percentages included."""

from __future__ import annotations

import io
import math
import re
from decimal import Decimal

from ingest.cell_marks import PERCENT, marks_of_xls, marks_of_xlsx
from ingest.zips import refuse_bombs
from warehouse.errors import QpvError

Rows = list[tuple[int, list[str]]]
_ZIP = b"PK"


class NoSheet(QpvError):
    """No sheet of the workbook bears the expected name."""


def sheets_of(content: bytes, nom: str, feuille: str | None) -> dict[str, Rows]:
    """Text rows, numbered from 1, of the sheets that answer to `feuille`, all of them without it.

    Cells in error are blank, percentages are the number stored, until `with_marks`.

    Raises:
        NoSheet: no sheet of that name.
        QpvError: unreadable workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    if content.startswith(_ZIP):
        refuse_bombs(content, nom)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        wanted = [s for s in book.sheet_names if feuille is None or _is_named(s, feuille)]
        if not wanted:
            raise NoSheet(
                "le classeur n'a pas la feuille attendue",
                ou=f"fichier {nom}",
                attendu=f"une feuille {feuille!r} ; il a {', '.join(book.sheet_names)}",
                faire="vérifier que c'est le bon classeur, ou corriger `feuille` dans le YAML",
            )
        return {
            name: [
                (n, [typed_text(c) for c in row])
                for n, row in enumerate(
                    book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1
                )
            ]
            for name in wanted
        }
    except BaseException as error:
        # A panic of calamine's Rust code (truncated workbook) is no Exception.
        if isinstance(error, CalamineError) or type(error).__name__ == "PanicException":
            raise _unreadable(nom, error) from error
        raise


def with_marks(content: bytes, nom: str, sheet: str, rows: Rows) -> Rows:
    """The rows of a sheet with its cells in error (`#DIV/0!`) and its percentages (`46.3%`).

    The reader of values gives the first as blanks and the second as 0.463: what a cell says
    besides its value is asked of the file itself.

    Raises:
        QpvError: the file does not say it (damaged, or neither xls nor xlsx).
    """
    marks_of = marks_of_xlsx if content.startswith(_ZIP) else marks_of_xls
    try:
        marks = marks_of(content, sheet)
    except Exception as error:  # hostile bytes: each reader has its own errors
        raise _unreadable(nom, error) from error
    found = dict(rows)
    for (line, column), mark in marks.items():
        cells = found.setdefault(line, [])
        cells += [""] * (column + 1 - len(cells))
        if mark != PERCENT:
            cells[column] = mark
        elif cells[column]:
            cells[column] = typed_text(Decimal(cells[column]) * 100) + "%"
    return sorted(found.items())


def typed_text(value: object) -> str:
    """A typed cell as text: whole numbers without decimals, no exponent, NaN as a blank.

    The point of a typed number is decimal: after three decimals a zero says so (`12.3450`).
    """
    if value is None:
        return ""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        value = Decimal(repr(value))
    if not isinstance(value, Decimal) or not value.is_finite():
        return "" if value != value else str(value)
    text = format(value, "f")
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    if not decimals:
        return "0" if whole == "-0" else whole
    return f"{whole}.{decimals}" + "0" * (len(decimals) == 3)


def _is_named(sheet: str, feuille: str) -> bool:
    same = sheet.strip().casefold() == feuille.strip().casefold()
    return same or re.fullmatch(feuille, sheet, re.IGNORECASE) is not None


def _unreadable(nom: str, error: BaseException) -> QpvError:
    return QpvError(
        f"classeur illisible ou tronqué : {error}",
        ou=f"fichier {nom}",
        attendu="un classeur xls ou xlsx entier et sans mot de passe",
        faire="reprendre le fichier du producteur",
    )
