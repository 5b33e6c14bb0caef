"""A workbook says which cells are in error or in %: neither becomes a secret, nor 0.463."""

from __future__ import annotations

import io
import struct
import zipfile
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from ingest.cell_marks import is_percent, marks_of_xls
from ingest.readers import RawTable, read_table
from tests.conftest import EXTRACTS
from tests.fixtures.archives import zipped
from tests.fixtures.small_source import HEADER, Essai, cell
from warehouse.base.errors import QpvError

REAL_XLS = EXTRACTS / "insee_demo" / "demographie_2010_qpv.xls"


def book(*rows: tuple, formats: dict[tuple[int, int], str] | None = None) -> bytes:
    """An xlsx of one sheet; `formats`: (row, column) from 0 → format code."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as made:
        sheet = made.add_worksheet("Données")
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                code = (formats or {}).get((line, column))
                look = made.add_format({"num_format": code}) if code else None
                if isinstance(value, str) and value.startswith("#"):
                    sheet.write_formula(line, column, "=1/0", look, value)
                elif isinstance(value, date):
                    day = look or made.add_format({"num_format": "dd/mm/yyyy"})
                    sheet.write_datetime(line, column, value, day)
                else:
                    sheet.write(line, column, value, look)
    return buffer.getvalue()


def read(folder: Path, content: bytes) -> RawTable:
    path = folder / "objet"
    path.write_bytes(content)
    return read_table(
        path, nom="essai.xlsx", fmt="xlsx", entete_cle="CODGEO", membre=None, feuille=None
    )


@pytest.mark.parametrize("error", ["#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!"])
def test_a_cell_in_error_is_not_a_blank(tmp_path: Path, error: str) -> None:
    table = read(tmp_path, book(("CODGEO", "A", "B"), ("QP059050", error, 3), ("QP059051", 4, "")))
    assert [row for _, row in table.rows] == [["QP059050", error, "3"], ["QP059051", "4", ""]]


def test_an_error_alone_in_the_last_row_or_column_is_seen(tmp_path: Path) -> None:
    table = read(tmp_path, book(("CODGEO", "A"), ("QP059050", 3), ("", "#N/A")))
    assert table.rows[-1] == (3, ["", "#N/A"])


def test_a_blank_that_would_be_in_percent_is_a_blank(tmp_path: Path) -> None:
    """Styled beyond the last value, and under it."""
    rows = ("CODGEO", "TX"), ("QP059050", 0.5, None), (None, None, None)
    formats = {(1, 1): "0%", (1, 2): "0%", (2, 0): "0%", (2, 2): "0%"}
    assert read(tmp_path, book(*rows, formats=formats)).rows == [(2, ["QP059050", "50%"])]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.463, "0.0%", "46.3%"),
        (0.463, "0%", "46.3%"),
        (0.07, "0.00%", "7%"),
        (1, "0%", "100%"),
        (-0.125, '0.0 %;[Red]-0.0 %;"nul"', "-12.5%"),
        (0.46345, "0.0%", "46.3450%"),
        (46.3, '0.0"%"', "46.3"),
        (46.3, "0.0\\%", "46.3"),
        (46.3, "0.0", "46.3"),
        (12.345, "General", "12.3450"),
        (1731, "# ##0", "1731"),
        ("n.d.", "0.0%", "n.d."),
        ("0,463", "0.0%", "0,463"),
    ],
)
def test_a_percentage_is_what_the_cell_shows(tmp_path: Path, value, code: str, text: str) -> None:
    content = book(("CODGEO", "TX"), ("QP059050", value), formats={(1, 1): code})
    assert read(tmp_path, content).rows == [(2, ["QP059050", text])]


def land(folder: Path, *row, formats=None) -> Essai:
    essai = Essai(folder)
    essai.rows = essai.land(
        book(tuple(HEADER.split(";")), ("QP059050", *row), formats=formats), nom="ESSAI_2021.xlsx"
    )
    return essai


def test_a_share_in_percent_lands_as_shown(tmp_path: Path) -> None:
    rows = land(tmp_path, 1345, 0.463, 200, 10620, 0, formats={(1, 2): "0.0%"}).rows
    assert cell(rows, "rp_part_femmes")["valeur"] == 46.3


@pytest.mark.parametrize(
    ("row", "formats", "said"),
    [
        ((1345, "#DIV/0!", 2, 3, 0), {}, "'#DIV/0!' (une erreur de tableur)"),
        ((0.12, 51.5, 2, 3, 0), {(1, 1): "0%"}, "'12%' (un pourcentage, dans une colonne qui"),
        ((date(2021, 12, 31), 51.5, 2, 3, 0), {}, "(une date, non un nombre)"),
        ((True, 51.5, 2, 3, 0), {}, "(un vrai ou faux, non un nombre)"),
        ((1345, 51.5, "1731*", 3, 0), {}, "'1731*' (un renvoi de note collé au nombre)"),
    ],
)
def test_what_is_no_figure_is_refused_with_file_sheet_line_and_column(
    tmp_path: Path, row: tuple, formats: dict, said: str
) -> None:
    with pytest.raises(QpvError) as refused:
        land(tmp_path, *row, formats=formats)
    assert said in str(refused.value)
    assert "fichier ESSAI_2021.xlsx, feuille 'Données', ligne 2, colonne " in str(refused.value)


def test_format_codes() -> None:
    assert is_percent("0%") and is_percent("0.00 %") and is_percent('"env. "0%')
    assert not any(map(is_percent, ("General", '0" %"', "0\\%", "0_%", "0*%", "[$%-40C]0", "")))


def rewritten(content: bytes, part: str, *edits: tuple[str, str]) -> bytes:
    """The same workbook after edits of one XML part, each of which applies."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    for before, after in edits:
        assert before.encode() in parts[part]
        parts[part] = parts[part].replace(before.encode(), after.encode())
    return zipped(parts)


SHEET = "xl/worksheets/sheet1.xml"


def test_cells_without_reference_are_where_they_follow(tmp_path: Path) -> None:
    made = book(("CODGEO", "A", "B"), ("QP059050", 2, "#N/A"), formats={(1, 1): "0%"})
    edits = [(f' r="{column}{line}"', "") for line in (1, 2) for column in "ABC"]
    edits += [('<row r="1"', "<row"), ('<row r="2"', "<row")]
    assert read(tmp_path, rewritten(made, SHEET, *edits)).rows == [
        (2, ["QP059050", "200%", "#N/A"])
    ]


@pytest.mark.parametrize(
    ("part", "edit"),
    [
        (SHEET, ("<worksheet", '<!DOCTYPE a [<!ENTITY b "c">]><worksheet')),
        ("xl/styles.xml", ("<styleSheet", '<!DOCTYPE a [<!ENTITY b "c">]><styleSheet')),
        ("xl/styles.xml", ("</styleSheet>", "")),
        ("_rels/.rels", ("xl/workbook.xml", "xl/workbook.bin")),
    ],
)
def test_a_workbook_that_hides_its_formats_is_refused(tmp_path: Path, part: str, edit) -> None:
    content = rewritten(book(("CODGEO", "A"), ("QP059050", 1)), part, edit)
    with pytest.raises(QpvError, match="classeur illisible ou tronqué"):
        read(tmp_path, content)


@pytest.fixture
def real_xls() -> bytes:
    if not REAL_XLS.is_file():
        pytest.skip("the real xls (../shared/data/extracts/insee_demo) is not here")
    return REAL_XLS.read_bytes()


#: A NUMBER record of BIFF: its number, its length, then row, column, format and value.
NUMBER = struct.Struct("<HHHHHd")


def number_record(content: bytes, table: RawTable) -> tuple[tuple[int, int], int]:
    """(line from 1, column from 0) of a figure of the sheet, and where its record stands."""
    for line, row in table.rows:
        for column, text in enumerate(row):
            at = content.find(struct.pack("<HHHH", 0x0203, 14, line - 1, column))
            if at > 0 and str(NUMBER.unpack_from(content, at)[5]) == text:
                return (line, column), at
    raise AssertionError("no figure of this sheet is a NUMBER record")


def test_a_real_xls_has_no_error_and_no_percentage(real_xls: bytes) -> None:
    assert marks_of_xls(real_xls, "Quartiers") == {}


def test_an_xls_cell_in_error_is_seen(real_xls: bytes, tmp_path: Path) -> None:
    """The record of one figure becomes that of an error, the rest of it one that nobody reads."""
    path = tmp_path / "objet"
    path.write_bytes(real_xls)
    how = {"nom": "d.xls", "fmt": "xls", "entete_cle": "qp", "membre": None, "feuille": "Quartiers"}
    before = read_table(path, **how)
    place, at = number_record(real_xls, before)
    _, _, row, column, style, _ = NUMBER.unpack_from(real_xls, at)
    error = struct.pack("<HHHHHBB", 0x0205, 8, row, column, style, 0x07, 1)
    error += struct.pack("<HHH", 0x00EF, 2, 0)
    path.write_bytes(real_xls[:at] + error + real_xls[at + NUMBER.size :])
    after = read_table(path, **how)
    changed = [
        (line, i, now)
        for (line, old), (_, new) in zip(before.rows, after.rows, strict=True)
        for i, (was, now) in enumerate(zip(old, new, strict=True))
        if was != now
    ]
    assert changed == [(*place, "#DIV/0!")]


def test_an_xls_percentage_is_what_the_cell_shows(real_xls: bytes, tmp_path: Path) -> None:
    """The style of one figure takes the format 0.00%, which is number 10 in every xls."""
    path = tmp_path / "objet"
    path.write_bytes(real_xls)
    how = {"nom": "d.xls", "fmt": "xls", "entete_cle": "qp", "membre": None, "feuille": "Quartiers"}
    before = read_table(path, **how)
    (line, column), at = number_record(real_xls, before)
    style = NUMBER.unpack_from(real_xls, at)[4]
    at, seen = real_xls.index(b"\x09\x08\x10\x00"), -1
    while seen < style:
        kind, length = struct.unpack_from("<HH", real_xls, at)
        seen += kind == 0x00E0
        at += 4 + length
    path.write_bytes(real_xls[: at - length + 2] + b"\x0a\x00" + real_xls[at - length + 4 :])
    was, now = (dict(table.rows)[line][column] for table in (before, read_table(path, **how)))
    assert now.endswith("%") and float(now[:-1]) == pytest.approx(100 * float(was))
