"""Hostile zips, workbooks, Parquet and JSON: what a reader would swell, follow or believe."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from tests.fixtures.archives import zipped
from tests.trial.case import Case
from tests.trial.texts import REVN
from warehouse.base.layout import SAMPLE_DIR

MEMBER = "data_REVN_2023_V1_QP.csv"
CSV = (SAMPLE_DIR / REVN).read_bytes()
ROWS = [line.split(";") for line in CSV.decode().splitlines()]
SHEET = "xl/worksheets/sheet1.xml"
_BOMB = 1 << 30


def packed_cases() -> Iterator[Case]:
    """Every hostile zip, workbook, Parquet and JSON, as the file of one source."""
    witness = {"zip": zipped({MEMBER: CSV}), "xlsx": _book(ROWS), "parquet": _parquet(_columns())}
    witness["json"] = json.dumps([dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]])
    for ending, content in witness.items():
        yield _case(ending, "témoin", content, said="insee_revn 2023 : 13 lignes")
    made: dict[str, dict[str, Callable[[], bytes | str]]] = {
        "zip": _zips(),
        "xlsx": _books(),
        "xls": {"signature seule": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
                "texte": lambda: CSV, "HTML": lambda: b"<html><table><tr><td>CODGEO</td></tr>",
                "xlsx": lambda: _book(ROWS), "boucle de secteurs": _looping_xls},
        "parquet": _parquets(),
        "json": _jsons(),
    }  # fmt: skip
    for ending, cases in made.items():
        for name, content in cases.items():
            yield _case(ending, name, content)


def _case(ending: str, name: str, content: bytes | str | Callable, said: str = "") -> Case:
    wanted = f"REVN_2023.{ending}"

    def place(folder: Path) -> None:
        (folder / REVN).unlink()
        made = content() if callable(content) else content
        (folder / wanted).write_bytes(made.encode() if isinstance(made, str) else made)

    def declare(sources: dict[str, dict], _: str) -> None:
        source = sources["insee_revn"]
        source["format"] = ending
        source["parties"][0]["fichiers"] = [f"REVN_{{yyyy}}.{ending}"]

    # A file put aside is a refusal at once, in place of a build without it.
    words = ("build", "--extracts", "{folder}", "--sans-documents", "--strict")
    return Case(ending, name, place, [wanted], words, declare, said=said)


def _swollen(members: dict[str, bytes], name: str, head: bytes, size: int, fill: bytes) -> bytes:
    """A zip whose member `name` is `head`, then `fill` again and again up to `size` bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for other, content in members.items():
            archive.writestr(other, content)
        block = fill * ((1 << 20) // len(fill))
        with archive.open(name, "w", force_zip64=True) as member:
            member.write(head)
            for _ in range(size >> 20):
                member.write(block)
    return out.getvalue()


def _patched(content: bytes, before: bytes, after: bytes) -> bytes:
    assert before in content and len(before) == len(after)
    return content.replace(before, after)


def _zips() -> dict[str, Callable[[], bytes]]:
    stored = zipped({MEMBER: CSV}, zipfile.ZIP_STORED)
    deflated = zipped({MEMBER: CSV})
    size = struct.pack("<I", len(CSV))
    central = deflated.index(b"PK\x01\x02")
    encrypted = bytearray(stored)
    for at in (6, stored.index(b"PK\x01\x02") + 8):
        encrypted[at] |= 1
    unknown = bytearray(deflated)
    for at in (8, central + 10):
        unknown[at] = 99
    lying = deflated[:central] + _patched(deflated[central:], size, struct.pack("<I", 40))
    return {
        "sans membre": lambda: b"PK\x05\x06" + bytes(18),
        "autre membre": lambda: zipped({"lisez-moi.txt": b"x"}),
        "deux membres": lambda: zipped({MEMBER: CSV, "a/data_x_QP.csv": CSV}),
        "membre vide": lambda: zipped({MEMBER: b""}),
        "membre HTML": lambda: zipped({MEMBER: b"<html>Erreur</html>"}),
        "membre zip": lambda: zipped({MEMBER: deflated}),
        "membre sans clé": lambda: zipped({MEMBER: b"a;b\n1;2\n"}),
        "membre abîmé": lambda: zipped({MEMBER: CSV.replace(b";937;", b";x\x07;")}),
        "chiffré": lambda: bytes(encrypted),
        "méthode inconnue": lambda: bytes(unknown),
        "tronqué": lambda: deflated[:-30],
        "milieu abîmé": lambda: deflated[:80] + bytes(40) + deflated[120:],
        "somme fausse": lambda: _patched(stored, b"QP059021;nd", b"QP059022;nd"),
        "taille mensongère": lambda: lying,
        "dossier de ce nom": lambda: zipped({f"{MEMBER}/": b""}),
        "dossier et chemins": lambda: zipped({"../../../etc/passwd": b"x", "/etc/x.csv": CSV}),
        "65 000 membres": lambda: zipped({f"f{i}": b"" for i in range(65_000)}),
        "bombe": lambda: _swollen({}, MEMBER, b"", _BOMB, b"\0"),
        "bombe de lignes": lambda: _swollen({}, MEMBER, CSV, _BOMB, b"QP059021;1;1;1;0;1;1;1;1\n"),
        "texte": lambda: CSV,
        "HTML": lambda: b"<!DOCTYPE html><html>",
    }  # fmt: skip


def _book(rows: list[list], sheet: str = "Feuil1") -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet(sheet)
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return out.getvalue()


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _books() -> dict[str, Callable[[], bytes]]:
    good = _parts(_book(ROWS))
    far = ["XFD1048576", "XFD50000", "XFD2000", "A1048576", "ZZZZ99999999", "A0"]

    def with_part(name: str, content: bytes | None) -> bytes:
        return zipped({k: v for k, v in (good | {name: content}).items() if v is not None})

    def with_cell(cell: str) -> bytes:
        row = "".join(c for c in cell if c.isdigit())
        added = f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData>'
        return with_part(SHEET, good[SHEET].replace(b"</sheetData>", added.encode()))

    def with_doctype(name: str, declared: bytes, used: bytes) -> bytes:
        xml = good[name].replace(b"?>", b"?>\n<!DOCTYPE x [" + declared + b"]>", 1)
        return with_part(name, xml.replace(b"CODGEO", used))

    def with_value(value: object) -> Callable[[], bytes]:
        rows = [list(row) for row in ROWS]
        rows[1][7] = value
        return lambda: _book(rows)

    strings = "xl/sharedStrings.xml"
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10 if i else b"ha" * 10) for i in range(10)
    )
    return {f"cellule {cell}": (lambda c=cell: with_cell(c)) for cell in far} | {
        "sans feuille": lambda: with_part(SHEET, None),
        "sans chaînes": lambda: with_part(strings, None),
        "chaînes abîmées": lambda: with_part(strings, b"<sst><si><t>a"),
        "feuille coupée": lambda: with_part(SHEET, good[SHEET][: len(good[SHEET]) // 2]),
        "feuille vide": lambda: _book([]),
        "feuille qui n'est pas du XML": lambda: with_part(SHEET, b"\0\1\2"),
        "chaîne hors de l'index": lambda: with_part(
            SHEET, good[SHEET].replace(b"<v>0</v>", b"<v>99999999</v>", 1)
        ),
        "entité externe": lambda: with_doctype(
            strings, b'<!ENTITY e SYSTEM "file:///etc/passwd">', b"&e;"
        ),
        "mille millions d'entités": lambda: with_doctype(strings, laughs, b"&l9;"),
        "bombe de feuille": lambda: _swollen(
            {k: v for k, v in good.items() if k != SHEET}, SHEET, good[SHEET][:-30], _BOMB, b" "
        ),
        "bombe de chaînes": lambda: _swollen(
            {k: v for k, v in good.items() if k != strings}, strings, b"<sst>", _BOMB,
            b"<si><t>aaaaaaaaaaaaaaaaaaaaaaaa</t></si>",
        ),
        "texte": lambda: CSV,
        "zip sans classeur": lambda: zipped({MEMBER: CSV}),
        "classeur vide": lambda: zipped(
            {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b""}
        ),
        "OLE chiffré": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        "sans clé": lambda: _book([["a", "b"], [1, 2]]),
        "valeur texte": with_value("beaucoup"),
        "valeur négative": with_value(-5),
        "valeur à décimales": with_value(12.5),
        "30 000 lettres": with_value("x" * 30_000),
        "tronqué": lambda: _book(ROWS)[:-100],
    }  # fmt: skip


def _looping_xls() -> bytes:
    """A compound file whose table of sectors points to itself."""
    head = bytearray(512)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", head, 44, 1, 0, 0, 4096, 0, 1, 0xFFFFFFFE, 0, 0)
    return bytes(head) + struct.pack("<I", 0) * 128 + bytes(512)


def _columns() -> dict[str, list]:
    return {name: [row[at] for row in ROWS[1:]] for at, name in enumerate(ROWS[0])}


def _parquet(columns: dict[str, object] | pa.Table, **how: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), out, **how)
    return out.getvalue()


def _parquets() -> dict[str, Callable[[], bytes]]:
    good, count = _columns(), len(ROWS) - 1

    def with_column(name: str, values: object) -> Callable[[], bytes]:
        return lambda: _parquet(good | {name: values})

    def repeated() -> bytes:
        keys = pa.array(["QP059021"]).dictionary_encode()
        return _parquet(dict.fromkeys(good, pa.concat_arrays([keys] * 1_000_000)))

    def many() -> bytes:
        out = io.BytesIO()
        keys = pa.array(["QP059021"]).dictionary_encode()
        block = pa.concat_arrays([keys] * 1_000_000)
        with pq.ParquetWriter(out, pa.schema([("CODGEO", block.type)])) as writer:
            table = pa.table({"CODGEO": block})
            for _ in range(60):
                writer.write_table(table)
        return out.getvalue()

    whole = _parquet(good, compression="none", use_dictionary=False)
    damaged = whole.replace(b"QP059022", b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", 1)
    flipped = whole[:200] + bytes(b ^ 255 for b in whole[200:600]) + whole[600:]
    far = pa.array([1 << 62] * count, pa.timestamp("us"))
    footer = whole[:-8] + struct.pack("<I", 0x7FFFFFF0) + b"PAR1"
    return {
        "signature seule": lambda: b"PAR1\x15" + bytes(50) + b"PAR1",
        "tronqué": lambda: whole[:-1],
        "milieu ôté": lambda: whole[:100] + whole[-900:],
        "pied chiffré": lambda: whole[:-4] + b"PARE",
        "pied qui ment": lambda: footer,
        "page abîmée": lambda: damaged,
        "octets retournés": lambda: flipped,
        "sans ligne": lambda: _parquet(pa.table(good).slice(0, 0)),
        "sans colonne": lambda: _parquet(pa.table({})),
        "sans clé": lambda: _parquet({"a": [1]}),
        "un million de lignes": repeated,
        "60 millions de lignes": many,
        "clés en double": with_column("CODGEO", ["QP059021"] * count),
        "clé binaire": with_column("CODGEO", [b"\xff\xfe"] * count),
        "clé nulle": with_column("CODGEO", [None, *good["CODGEO"][1:]]),
        "valeurs infinies": with_column("ARSAS", [float("inf")] * count),
        "listes": with_column("ARSAS", [[1, 2]] * count),
        "structures": with_column("ARSAS", [{"a": 1}] * count),
        "dates": with_column("ARSAS", pa.array([10_000] * count, pa.date32())),
        "instants hors du temps": with_column("ARSAS", far),
        "texte": lambda: CSV,
        "3 000 colonnes": lambda: _parquet(good | {f"x{i}": ["1"] * count for i in range(3000)}),
    }  # fmt: skip


def _jsons() -> dict[str, Callable[[], str | bytes]]:
    entries = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]

    def with_cell(value: object, **first: object) -> Callable[[], str]:
        return lambda: json.dumps([entries[0] | {"ARSAS": value} | first, *entries[1:]])

    return {
        "crochets": lambda: "[" * 100_000 + "]" * 100_000,
        "accolades": lambda: '[{"CODGEO":' * 50_000 + "1" + "}]" * 50_000,
        "objet": lambda: json.dumps({"a": entries}),
        "scalaires": lambda: "[1, 2, 3]",
        "liste vide": lambda: "[]",
        "sans clé": lambda: '[{"a": 1}]',
        "coupé": lambda: json.dumps(entries)[:-40],
        "coupé et refermé": lambda: json.dumps(entries)[:-40] + "]",
        "texte": lambda: CSV,
        "HTML": lambda: "<html></html>",
        "infini": with_cell(float("inf")),
        "entier de 5 000 chiffres": lambda: with_cell(1)().replace(
            '"ARSAS": 1', '"ARSAS": ' + "9" * 5000
        ),
        "vrai": with_cell(True),
        "objet en valeur": with_cell({"a": [1]}),
        "demi-caractère": with_cell("\ud800"),
        "clé nulle": with_cell("1", CODGEO=None),
        "clé liste": with_cell("1", CODGEO=["QP059021"]),
        "octets faux": lambda: b'[{"CODGEO": "\xff\xfe"}]',
        "10 Mo d'une cellule": with_cell("x" * 10_000_000),
    }
