"""A file of a few bytes that would fill the memory is refused before it is unfolded."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine
import xlsxwriter

from ingest import micro
from ingest.limits import TABLES
from ingest.workbooks import with_marks
from tests.fixtures.archives import zipped
from tests.unit.test_readers import read, refusal
from warehouse.base.bounded_files import MO
from warehouse.base.errors import QpvError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#: A header and one row, then whatever a test adds.
TABLE = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>CODGEO</t></is></c>'
    '<c r="B1" t="inlineStr"><is><t>A</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>QP059050</t></is></c><c r="B2"><v>3</v></c></row>'
)


def book(*sheets: str, texts: str = "", more: tuple[str, ...] = ()) -> bytes:
    """An xlsx of these sheets (`sheetData`, and `texts` as its shared strings)."""
    related = [f"worksheets/sheet{n}.xml" for n in range(1, len(sheets) + 1)]
    declared = "".join(
        f'<sheet name="F{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, len(sheets) + 1)
    )
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{KIND}/worksheet" Target="{path}"/>'
        for n, path in enumerate(related, 1)
    )
    relations += f'<Relationship Id="t" Type="{KIND}/sharedStrings" Target="sharedStrings.xml"/>'
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="b" '
        f'Type="{KIND}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{KIND}"><sheets>{declared}</sheets>'
        "</workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{RELS}">{relations}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
    }
    for path, sheet in zip(related, sheets, strict=True):
        parts[f"xl/{path}"] = f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
    return zipped(parts | dict.fromkeys(more, ""))


def data(more: str = "", before: str = "") -> str:
    return f"{before}<sheetData>{TABLE}{more}</sheetData>"


def row(number: int, *places: str, value: str = "<v>1</v>", given: str = "") -> str:
    cells = "".join(f'<c r="{place}" {given}>{value}</c>' for place in places)
    return f'<row r="{number}">{cells}</row>'


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader that a far cell would end the process of is not called."""
    monkeypatch.setattr(python_calamine, "CalamineWorkbook", None)


FAR = {
    "last": data(row(1048576, "XFD1048576")),
    "half": data(row(50000, "XFD50000")),
    "two-corners": data(row(3, "XFD3") + row(900_000, "A900000")),
    "many": data("".join(row(n, f"XFD{n}") for n in range(3, 2001))),
    "lower-case": data(row(50000, "xfd50000")),
    "text": data(row(50000, "XFD50000", value="<is/>", given='t="inlineStr"')),
    "no-reference": data('<row r="1000000"><c/>' + "<c><v>1</v></c>" * 30 + "</row>"),
    "beyond": data(row(99_999_99, "A9999999", "ZZZ1")),
}


@pytest.mark.parametrize("sheet", FAR.values(), ids=FAR)
@pytest.mark.usefixtures("unread")
def test_a_far_cell_is_refused_before_the_reader_sees_it(tmp_path: Path, sheet: str) -> None:
    assert "tableau démesuré" in refusal(tmp_path, book(sheet), "essai.xlsx", fmt="xlsx")


@pytest.mark.usefixtures("unread")
def test_sheets_that_are_each_within_bounds_are_summed(tmp_path: Path) -> None:
    sheets = [data(row(100_000, "CU100000"))] * 3
    assert "sheet3.xml" in refusal(tmp_path, book(*sheets), "essai.xlsx", fmt="xlsx")


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("place", ["A", "1", "$XFD$1", "A99999999999", "ABCD1", ""])
def test_a_place_that_is_none_is_a_damaged_workbook(tmp_path: Path, place: str) -> None:
    said = refusal(tmp_path, book(data(row(3, place))), "essai.xlsx", fmt="xlsx")
    assert "classeur illisible" in said


@pytest.mark.parametrize(
    "more",
    [
        row(1048576, "XFD1048576", value="", given='s="0"'),
        row(1048576, "XFD1048576", value="<f>1</f>"),
        '<row r="1048576" spans="1:16384"/>',
    ],
    ids=["styled", "formula-without-value", "empty-row"],
)
def test_what_holds_nothing_far_away_is_no_fault(tmp_path: Path, more: str) -> None:
    """Whole columns and rows that somebody coloured, and an extent that a tool made up."""
    content = book(data(more, before='<dimension ref="A1:XFD1048576"/>'))
    assert read(tmp_path, content, "essai.xlsx", fmt="xlsx").rows == [(2, ["QP059050", "3"])]


def test_percentages_coloured_far_away_are_no_fault(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as made:
        sheet, percent = made.add_worksheet(), made.add_format({"num_format": "0%"})
        sheet.write_row(0, 0, ["CODGEO", "A"])
        sheet.write_row(1, 0, ["QP059050", 0.5], percent)
        for line in range(2, 200):
            sheet.write_blank(line, 16383, None, percent)
    content, sheet = buffer.getvalue(), "Sheet1"
    assert read(tmp_path, content, "essai.xlsx", fmt="xlsx").rows == [(2, ["QP059050", "50%"])]
    marked = with_marks(content, "essai.xlsx", sheet, [(1, ["CODGEO", "A"])])
    assert max(len(cells) for _, cells in marked) == 2


@pytest.mark.usefixtures("unread")
def test_a_text_written_once_and_shown_ten_thousand_times_is_weighed(tmp_path: Path) -> None:
    texts = f"<si><t>{'x' * 30_000}</t></si>"
    rows = "".join(row(n, f"B{n}", value="<v>0</v>", given='t="s"') for n in range(3, 10_000))
    content = book(data(rows), texts=texts)
    assert "299 Mo de textes" in refusal(tmp_path, content, "essai.xlsx", fmt="xlsx")


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("part", ["content.xml", "xl/workbook.bin", "Content.XML"])
def test_another_format_in_the_clothes_of_an_xlsx_is_refused(tmp_path: Path, part: str) -> None:
    content = book(data(), more=(part,))
    assert "xlsb, ods" in refusal(tmp_path, content, "essai.xlsx", fmt="xlsx")


@pytest.mark.usefixtures("unread")
def test_the_sheets_of_a_workbook_weigh_as_its_source_says(tmp_path: Path) -> None:
    content = book(data("<row/>" * 200_000))
    with pytest.raises(QpvError, match=r"2 Mo une fois lue.*membre sheet1\.xml"):
        read(tmp_path, content, "essai.xlsx", fmt="xlsx", limites=replace(TABLES, octets=MO))


def parquet(table: pa.Table, **how) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **how)
    return buffer.getvalue()


def repeated(text: str, rows: int) -> pa.DictionaryArray:
    """A column that holds a text once, however many rows show it."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), [text])


def test_rows_of_a_parquet_are_counted_before_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = parquet(pa.table({"CODGEO": repeated("QP059050", 3_000_000)}))
    assert len(content) < 10_000
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", None)
    said = refusal(tmp_path, content, "essai.parquet", fmt="parquet")
    assert "3 000 000 lignes et 1 colonnes" in said and "au plus 2 000 000 lignes" in said


def test_texts_of_a_parquet_are_weighed_as_each_row_shows_them(tmp_path: Path) -> None:
    columns = {"CODGEO": repeated("QP059050", 30_000), "A": repeated("x" * 10_000, 30_000)}
    said = refusal(tmp_path, parquet(pa.table(columns)), "essai.parquet", fmt="parquet")
    assert "300 Mo de textes" in said
    few = pa.table({"CODGEO": repeated("QP059050", 2), "A": repeated("x", 2)})
    rows = read(tmp_path, parquet(few), "essai.parquet", fmt="parquet").rows
    assert rows == [(2, ["QP059050", "x"]), (3, ["QP059050", "x"])]


def test_lists_of_a_parquet_are_counted(tmp_path: Path) -> None:
    lists = pa.ListArray.from_arrays([0, 21_000_000], pa.nulls(21_000_000))
    content = parquet(pa.table({"CODGEO": ["QP059050"], "A": lists}))
    assert "démesuré" in refusal(tmp_path, content, "essai.parquet", fmt="parquet")


def test_a_damaged_page_is_refused_with_its_file(tmp_path: Path) -> None:
    """Whatever byte is wrong: read as something else, or refused in words, never a traceback."""
    sound = parquet(
        pa.table({"CODGEO": ["QP059050", "QP059051"], "A": ["été", "é"], "B": [1.5, 2.0]}),
        compression="none",
    )
    refused = 0
    for at in range(4, len(sound) - 8, 4):
        try:
            read(tmp_path, sound[:at] + b"\xff" + sound[at + 1 :], "p.parquet", fmt="parquet")
        except QpvError as error:
            refused += 1
            assert "p.parquet" in str(error)
    assert refused > 50


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("CODGEO;A\n" + "1\n" * 2_000_001, "lignes"),
        ("CODGEO;A\r" + "1\r" * 2_000_001, "lignes"),
        ("CODGEO;A\n" + ";" * 21_000_000, "cellules"),
        ("CODGEO,A\n" + "," * 21_000_000, "cellules"),
    ],
    ids=["rows", "rows-of-old-macs", "cells", "cells-of-commas"],
)
def test_a_csv_of_too_many_rows_or_cells_is_refused(
    tmp_path: Path, content: str, words: str
) -> None:
    assert words in refusal(tmp_path, content, "essai.csv").partition("démesuré")[2]


def test_a_json_whose_entries_share_no_name_is_refused(tmp_path: Path) -> None:
    """A few bytes each, but one column more each: as many cells as their square."""
    entries = ",".join(f'{{"n{n}":1}}' for n in range(5000))
    content = f'[{{"CODGEO":"QP059050"}},{entries}]'
    assert "5 001 colonnes" in refusal(tmp_path, content, "essai.json", fmt="json")
    features = ",".join(
        f'{{"properties":{{"CODGEO":"1","n{n}":1}},"geometry":null}}' for n in range(5000)
    )
    content = f'{{"features":[{features}]}}'
    assert "5 002 colonnes" in refusal(tmp_path, content, "essai.geojson", fmt="geojson")
    content = "[" + ",".join(["{}"] * 2_000_001) + "]"
    assert "2 000 001 lignes" in refusal(tmp_path, content, "essai.json", fmt="json")


def test_a_number_of_five_bytes_is_not_written_out(tmp_path: Path) -> None:
    table = read(tmp_path, '[{"CODGEO":"QP059050","A":1e308}]', "essai.json", fmt="json")
    assert len(table.rows[0][1][1]) < 10


def test_units_without_room_for_their_keys_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "unites.parquet"
    path.write_bytes(parquet(pa.table({"siret": repeated("12345678901234", 3_000_000)})))
    with pytest.raises(QpvError, match=r"fichier d'unités démesuré.*unites\.parquet"):
        micro._scan(micro.MicroFile("2026", path, "unites.parquet", ""))
