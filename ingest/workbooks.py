"""From the bytes of a workbook to the text of its cells, errors and percentages included."""

from __future__ import annotations

import io
import math
import re
from decimal import Decimal

from ingest.cell_marks import PERCENT, marks_of_xls, marks_of_xlsx
from ingest.limits import TABLES, Limites
from ingest.table_bounds import refuse_wide_xls, refuse_wide_xlsx
from ingest.zips import refuse_heavy
from warehouse.base.errors import QpvError

Rows = list[tuple[int, list[str]]]
_ZIP = b"PK"
#: A number beyond this power of ten keeps its exponent: written out, five bytes would be 309.
_FAR = 40


class NoSheet(QpvError):
    """No sheet of the workbook bears the expected name."""


def sheets_of(
    content: bytes, nom: str, feuille: str | None, limites: Limites = TABLES
) -> dict[str, Rows]:
    """Text rows, numbered from 1, of the sheets that answer to `feuille`, all of them without it.

    Cells in error are blank, percentages are the number stored, until `with_marks`.

    Raises:
        NoSheet: no sheet of that name.
        QpvError: unreadable workbook, or one too heavy or too wide for `limites`.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    _refuse_wide(content, nom, limites)
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
        if mark != PERCENT:
            cells += [""] * (column + 1 - len(cells))
            cells[column] = mark
        elif column < len(cells) and cells[column]:
            cells[column] = typed_text(Decimal(cells[column]) * 100) + "%"
    return sorted(found.items())


def _refuse_wide(content: bytes, nom: str, limites: Limites) -> None:
    """Refuse what calamine would unfold beyond the bounds: there, it ends the process."""
    refuse = refuse_wide_xlsx if content.startswith(_ZIP) else refuse_wide_xls
    try:
        if content.startswith(_ZIP):
            refuse_heavy(content, nom, limites)
        refuse(content, nom, limites)
    except (QpvError, MemoryError):
        raise
    except Exception as error:  # hostile bytes: each reader has its own errors
        raise _unreadable(nom, error) from error


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
    if value and abs(value.adjusted()) > _FAR:
        return str(value)
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
