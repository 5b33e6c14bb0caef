"""What a workbook says of its cells besides their values: which are in error, which are in %.

The two formats are asked separately: the XML of an xlsx, the records of an xls.
"""

from __future__ import annotations

import io
import re
import zipfile

from ingest.workbook_parts import REFERENCE, column_of, parse, related

#: The mark of a cell whose number is shown times 100; any other mark is the error that it shows.
PERCENT = "%"
#: (line from 1, column from 0) → mark.
Marks = dict[tuple[int, int], str]
#: The formats of the norm that have no code in the file: 0% and 0.00%.
_BUILT_IN = {"9": "0%", "10": "0.00%"}
#: What a format code prints as it stands or leaves out: texts, escapes, fillers, colours.
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


def marks_of_xlsx(content: bytes, sheet: str) -> Marks:
    """The marks of one sheet of an xlsx.

    Raises:
        ValueError, KeyError, zipfile.BadZipFile, expat.ExpatError: it is none, or it is damaged.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        root = related(archive, "").items()
        book = next((path for path, (_, kind) in root if kind == "officeDocument"), None)
        if book is None or not book.endswith(".xml"):
            raise ValueError("ce n'est pas un classeur xlsx (xlsb, ods : l'enregistrer en xlsx)")
        parts = related(archive, book)
        sheets: dict[str, str] = {}

        def see(name: str, given: dict[str, str]) -> None:
            if name == "sheet":
                sheets[given["name"]] = given["id"]

        parse(archive.read(book), see)
        path = next(path for path, (key, _) in parts.items() if key == sheets[sheet])
        styles = next((path for path, (_, kind) in parts.items() if kind == "styles"), None)
        shown = _percent_styles(archive.read(styles)) if styles else frozenset()
        return _cells(archive.read(path), shown)


def marks_of_xls(content: bytes, sheet: str) -> Marks:
    """The marks of one sheet of an xls (BIFF).

    Raises:
        Exception: whatever `xlrd` meets in bytes that are no workbook.
    """
    import xlrd

    book = xlrd.open_workbook(
        file_contents=content, formatting_info=True, on_demand=True, logfile=io.StringIO()
    )
    shown = [is_percent(book.format_map[xf.format_key].format_str) for xf in book.xf_list]
    found, page = {}, book.sheet_by_name(sheet)
    for line in range(page.nrows):
        for column, kind in enumerate(page.row_types(line)):
            if kind == xlrd.XL_CELL_ERROR:
                code = page.cell_value(line, column)
                found[line + 1, column] = xlrd.error_text_from_code.get(code, "#ERREUR!")
            elif kind == xlrd.XL_CELL_NUMBER and shown[page.cell_xf_index(line, column)]:
                found[line + 1, column] = PERCENT
    return found


def is_percent(code: str) -> bool:
    """Whether a format code multiplies by 100: a % that is not a text of its own."""
    return "%" in _LITERAL.sub("", code)


def _percent_styles(content: bytes) -> frozenset[str]:
    """Numbers of the cell styles that show a percentage."""
    codes, styles, inside = dict(_BUILT_IN), [], False

    def see(name: str, given: dict[str, str]) -> None:
        nonlocal inside
        if name == "numFmt":
            codes[given["numFmtId"]] = given["formatCode"]
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            styles.append(given.get("numFmtId", "0"))

    def leave(name: str) -> None:
        nonlocal inside
        inside = inside and name != "cellXfs"

    parse(content, see, leave)
    return frozenset(
        str(at) for at, number in enumerate(styles) if is_percent(codes.get(number, ""))
    )


def _cells(content: bytes, shown: frozenset[str]) -> Marks:
    """Marks of the cells of a sheet part; a cell or row without reference follows the last one."""
    found: Marks = {}
    line = column = -1
    error: list[str] | None = None
    in_value = False

    def see(name: str, given: dict[str, str]) -> None:
        nonlocal line, column, error, in_value
        in_value = name == "v"
        if name == "row":
            line, column = int(given.get("r", max(line, 0) + 1)), -1
        elif name == "c":
            column += 1
            if reference := REFERENCE.fullmatch(given.get("r", "")):
                line, column = int(reference[2]), column_of(reference[1])
            kind = given.get("t", "n")
            if kind == "e":
                error = []
            elif kind == "n" and given.get("s") in shown:
                found[line, column] = PERCENT

    def leave(name: str) -> None:
        nonlocal error, in_value
        in_value = False
        if name == "c" and error is not None:
            found[line, column] = "".join(error).strip() or "#ERREUR!"
            error = None

    def read(text: str) -> None:
        if in_value and error is not None:
            error.append(text)

    parse(content, see, leave, read)
    return found
