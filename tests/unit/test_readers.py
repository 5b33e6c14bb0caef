"""Whatever the encoding and the format, the cells arrive as written; a damaged file is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.archive import archive_local
from ingest.readers import RawTable, read_table
from tests.fixtures.archives import zipped
from warehouse.base.errors import QpvError


def read(
    folder: Path,
    content: str | bytes,
    nom: str = "essai.csv",
    *,
    fmt: str = "csv",
    membre: str | None = None,
    feuille: str | None = None,
    **how,
) -> RawTable:
    path = folder / "objet"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    how |= {"fmt": fmt, "membre": membre, "feuille": feuille}
    return read_table(path, nom=nom, entete_cle="CODGEO", **how)


def refusal(folder: Path, content: str | bytes, nom: str = "essai.csv", **how) -> str:
    with pytest.raises(QpvError) as refused:
        read(folder, content, nom, **how)
    assert nom in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        "CODGEO;LIB;A\nQP059050;Été;1 345\n",
        "CODGEO,LIB,A\nQP059050,Été,1 345\n",
        "CODGEO\tLIB\tA\nQP059050\tÉté\t1 345\n",
        "CODGEO;LIB;A\r\nQP059050;Été;1 345\r\n",
        "CODGEO;LIB;A\rQP059050;Été;1 345\r",
        '\ufeff"CODGEO";"LIB";"A"\r\n"QP059050";"Été";"1 345"\r\n',
        "CODGEO;LIB;A;;;\nQP059050;Été;1 345;;;\n;;;;;\n\n",
        "CODGEO;LIB;A;Unnamed: 3\nQP059050;Été;1 345;\n",
        " CODGEO ;LIB;A \nQP059050;Été;1 345\n",
        "CODGEO;LIB;A\nQP059050;Été;1 345",
        "CODGEO;LIB;A\nQP059050;Été;1 345\n".encode("cp1252"),
    ],
)
def test_one_table_under_every_dress(tmp_path: Path, content: str | bytes) -> None:
    table = read(tmp_path, content)
    assert table.header == ["CODGEO", "LIB", "A"]
    assert table.rows == [(2, ["QP059050", "Été", "1 345"])]


NOTES = [
    "Source : Insee, RP 2018\n",
    "Source : Insee ; calculs de l'observatoire\n",
    "Source Insee\n",
    "Note : un quartier, deux communes\nqui se touchent\n",
    "Sources : Cnaf ; Insee ; Dares ; France Travail\n",
    "Champ : quartiers de 2015;;;;;\n",
    ";;\n(1) chiffre provisoire\n* révisé\n\n",
    "s : secret statistique\nLecture : 1 345 personnes\n",
]


@pytest.mark.parametrize("notes", NOTES)
@pytest.mark.parametrize("end", ["\n", "\n;;\n\n"])
def test_notes_under_a_table_are_no_row(tmp_path: Path, notes: str, end: str) -> None:
    table = read(tmp_path, f"Tableau 1;;\n\nCODGEO;LIB;A\n\nQP059050;Été;1 345{end}{notes}")
    assert table.rows == [(5, ["QP059050", "Été", "1 345"])]


@pytest.mark.parametrize(
    "last",
    [
        "QP0590",
        "QP059051",
        "QP059051;Hiv",
        "So",
        "Note",
        "QP059051\nSource : Insee",
        "Source : Insee\nQP059051;Hiver;3",
        "Source : Insee;1;2\nQP059051;Hiver",
    ],
)
def test_a_cut_row_is_no_note(tmp_path: Path, last: str) -> None:
    said = refusal(tmp_path, f"CODGEO;LIB;A\nQP059050;Été;1 345\n{last}\n")
    assert "plus courte que l'en-tête : le fichier est sans doute tronqué" in said


@pytest.mark.parametrize(
    "text",
    [
        "LIB;CODGEO\nNote : a;QP059050\nSource vive;QP059051\n",
        "CODGEO;A\nNote : a;3\nSource vive;nd\n",
        "CODGEO;A;B\nNote : a;3;2\nSource vive;;2\n",
    ],
)
def test_a_row_with_figures_is_data_whatever_its_first_cell(tmp_path: Path, text: str) -> None:
    assert len(read(tmp_path, text).rows) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_called_by_its_name(tmp_path: Path, encoding: str) -> None:
    content = "CODGEO;LIB\nQP059050;Été\n".encode(encoding)
    assert "UTF-16" in (said := refusal(tmp_path, content)) and "« CSV UTF-8 »" in said
    path = tmp_path / "essai.csv"
    path.write_bytes(content)
    with pytest.raises(QpvError, match="UTF-16"):
        archive_local(path, archive=tmp_path / "archive", attendu="csv")


def test_the_header_row_may_be_lower_down(tmp_path: Path) -> None:
    table = read(tmp_path, "Titre; avec ; des points-virgules\nSource\n\nCODGEO;A\nQP059050;1\n")
    assert (table.header, table.rows) == (["CODGEO", "A"], [(5, ["QP059050", "1"])])


def test_quoted_cells_keep_separators_and_line_breaks(tmp_path: Path) -> None:
    table = read(tmp_path, 'CODGEO;LIB\nQP059050;"a; b\nc ""d"""\n')
    assert table.rows[0][1] == ["QP059050", 'a; b\nc "d"']


def test_a_cell_too_long_is_refused_whatever_a_library_allows(tmp_path: Path) -> None:
    before = csv.field_size_limit(2**40)  # as dbt's libraries do
    try:
        told = refusal(tmp_path, f"CODGEO;A\nQP059050;{'x' * 140_000}\n")
    finally:
        csv.field_size_limit(before)
    assert "cellule trop longue" in told


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("CODGEO;A;B\nQP059050;1;2\nQP059051;3\n", "tronqué. Où : fichier essai.csv, ligne 3"),
        ("CODGEO;A\nQP059050;1\nQP059051;3;4\n", "plus de cellules que d'en-têtes"),
        ('CODGEO;A\nQP059050;1\nQP059051;"3\n', "guillemets mal fermés, cellule trop longue ou"),
        ("CODGEO;A;A\nQP059050;1;2\n", "deux colonnes portent l'en-tête 'A'"),
        ("CODGEO;A;codgeo \nQP059050;1;2\n", "deux colonnes portent l'en-tête 'codgeo'"),
        ("IRIS;A\n590140101;1\n", "une colonne 'CODGEO' dans les 15 premières lignes"),
        ("titre\n" * 15 + "CODGEO;A\nQP059050;1\n", "aucune ligne d'en-tête"),
        ("", "aucune ligne d'en-tête"),
        ("CODGEO;A\nQP059050;\x81\n".encode("latin-1"), "encodage illisible"),
    ],
)
def test_a_damaged_csv_is_refused(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in refusal(tmp_path, content)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_a_damaged_utf8_file_is_never_read_as_windows_1252(tmp_path: Path, bom: bytes) -> None:
    content = bom + "CODGEO;LIB\nQP059050;Été\nQP059051;Hiver\n".encode().replace(b"Hiv", b"\xe9iv")
    assert "UTF-8 abîmé ou tronqué. Où : fichier essai.csv, ligne 3" in refusal(tmp_path, content)


def test_a_file_that_is_gone_is_refused_without_traceback(tmp_path: Path) -> None:
    with pytest.raises(QpvError, match=r"essai\.csv"):
        read_table(
            tmp_path / "x", nom="essai.csv", fmt="csv", entete_cle="A", membre=None, feuille=None
        )


def workbook(**sheets: list[list[str | float]]) -> bytes:
    """A minimal xlsx."""
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    names = list(sheets)
    listed = "".join(
        f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{rel}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/></Types>',
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{rel}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'{head}<workbook xmlns="{main}" xmlns:r="{rel}">'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        f"{links}</Relationships>",
    }
    for index, rows in enumerate(sheets.values(), 1):
        body = ""
        for number, row in enumerate(rows, 1):
            cells = "".join(
                f'<c r="{chr(65 + c)}{number}"><v>{v}</v></c>'
                if isinstance(v, float)
                else f'<c r="{chr(65 + c)}{number}" t="inlineStr"><is><t>{v}</t></is></c>'
                for c, v in enumerate(row)
                if v != ""
            )
            body += f'<row r="{number}">{cells}</row>'
        parts[f"xl/worksheets/sheet{index}.xml"] = (
            f'{head}<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
        )
    return zipped(parts)


BOOK = {
    "Documentation": [["Lisez-moi"]],
    "Données quartier(s)": [
        ["Titre"],
        [],
        ["codgeo", "A", "B"],
        ["QP059050", 1345.0, 12.5],
        ["QP059051", 0.00001, ""],
    ],
}


@pytest.mark.parametrize("feuille", [None, "Données quartier(s)", "donn.es quartier.*"])
def test_a_workbook_whose_header_row_is_lower_down(tmp_path: Path, feuille: str | None) -> None:
    table = read(tmp_path, workbook(**BOOK), "essai.xlsx", feuille=feuille)
    assert table.header == ["codgeo", "A", "B"]
    assert table.rows == [(4, ["QP059050", "1345", "12.5"]), (5, ["QP059051", "0.00001", ""])]
    assert table.where(4, "A") == (
        "fichier essai.xlsx, feuille 'Données quartier(s)', ligne 4, colonne 'A'"
    )


def test_a_workbook_without_the_sheet_or_the_header_says_what_it_has(tmp_path: Path) -> None:
    book = workbook(**BOOK)
    assert "il a Documentation, Données" in refusal(tmp_path, book, "e.xlsx", feuille="Régions")
    assert "feuilles : Documentation" in refusal(tmp_path, book, "e.xlsx", feuille="Documentation")
    assert "classeur illisible ou tronqué" in refusal(tmp_path, book[:300], "e.xlsx")


def test_parquet_gives_text_and_a_nan_is_a_blank(tmp_path: Path) -> None:
    columns = {"CODGEO": ["QP059050", "QP059051"], "A": [1345.0, float("nan")], "B": [None, 2]}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer)
    content = buffer.getvalue()
    table = read(tmp_path, content, "essai.parquet")
    assert table.rows == [(2, ["QP059050", "1345", ""]), (3, ["QP059051", "", "2"])]
    assert "Parquet illisible" in refusal(tmp_path, content[:-30], "essai.parquet")


def test_geojson_gives_every_property_of_every_feature(tmp_path: Path) -> None:
    point = {"type": "Point", "coordinates": [3, 50]}
    features = [
        {"properties": {"CODGEO": "QN05950M"}, "geometry": point},
        {"properties": {"CODGEO": "QN05951I", "note": None, "dep": 59.0}, "geometry": None},
    ]
    table = read(tmp_path, json.dumps({"features": features}), "essai.geojson")
    assert table.header == ["CODGEO", "note", "dep", "geometry"]
    assert [cells[:3] for _, cells in table.rows] == [["QN05950M", "", ""], ["QN05951I", "", "59"]]
    assert json.loads(table.rows[0][1][3]) == point
    for empty in ('{"features": []}', '{"features": [{}]}', "[]", '{"features": [{"prop'):
        assert "colonne clé" in (said := refusal(tmp_path, empty, "e.geojson")) or "Geo" in said


def test_json_gives_one_row_per_object_and_nested_text(tmp_path: Path) -> None:
    entries = [
        {"CODGEO": "200042190", "nom": "CA de l'Épaix", "membres": [{"code": "59014"}]},
        {"CODGEO": "200093201", "population": 12.0},
    ]
    table = read(tmp_path, json.dumps(entries), "essai.json")
    assert table.header == ["CODGEO", "nom", "membres", "population"]
    assert table.rows[0] == (1, ["200042190", "CA de l'Épaix", '[{"code": "59014"}]', ""])
    assert table.rows[1] == (2, ["200093201", "", "", "12"])
    assert table.where(2) == "fichier essai.json, entrée 2"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"CODGEO": 1}', "le JSON n'est pas une liste d'objets"),
        ('["CODGEO"]', "le JSON n'est pas une liste d'objets"),
        ('[{"CODGEO": 1}', "JSON illisible"),
        ('[{"code": 1}]', "colonne clé"),
        ("[" * 100_000, "JSON illisible"),
    ],
)
def test_a_json_that_is_no_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text, "essai.json")
