"""From an archived file to text cells, one function per format. Judges no value."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from ingest.header_names import header_key
from ingest.zips import not_one_member, read_members
from warehouse.errors import QpvError

#: The header row is looked for among the first rows only.
HEADER_ROWS = 15


@dataclass(frozen=True)
class RawTable:
    """Text cells as the file has them.

    `rows` holds (row number in the file from 1, cells), each row as long as `header`. `rang`: what
    a row is called. `confidentiel`: its producer did not mask it, no message repeats a cell of it.
    """

    nom: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    feuille: str | None = None
    rang: str = "ligne"
    confidentiel: bool = False

    def where(self, ligne: int | None = None, colonne: str | None = None) -> str:
        """A place in the file, in words."""
        parts = [f"fichier {self.nom}"]
        if self.feuille:
            parts.append(f"feuille {self.feuille!r}")
        if ligne is not None:
            parts.append(f"{self.rang} {ligne}")
        if colonne is not None:
            parts.append(f"colonne {colonne!r}")
        return ", ".join(parts)

    def cell(self, text: str) -> str:
        """A cell as a message may repeat it: the place is always told, the value not always."""
        return "(valeur sous secret, non dite)" if self.confidentiel else repr(text.strip())

    def positions(self) -> dict[str, int]:
        """Header as compared → its column."""
        return {header_key(header): index for index, header in enumerate(self.header) if header}


def read_table(
    path: Path,
    *,
    nom: str,
    fmt: str,
    entete_cle: str,
    membre: str | None,
    feuille: str | None,
    est_cle: Callable[[str], bool] = bool,
) -> RawTable:
    """The table of a file whose header row is the first that bears the key's header.

    Args:
        path: the archived file (its name says nothing: the archive is content-addressed).
        nom: the official file name, for messages and for the format of a zip's member.
        fmt: registry format of the source, used where the name has no known ending.
        entete_cle: header of the key column.
        membre: regular expression naming one member, for a zip.
        feuille: name of the sheet, or a regular expression over it, for a workbook.
        est_cle: whether a text names a territory of the table: where several members of a zip bear
            the name and the key, those of other territories (communes beside QPV) are left.

    Raises:
        QpvError: unreadable file, no header row with the key, a header written twice, rows of
            unequal length, a zip of which not one member is the table.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QpvError(f"fichier illisible : {error}", ou=f"fichier {nom}") from error
    kind = _ending(nom) or fmt
    if kind == "zip":
        inside = "csv" if fmt == "zip" else fmt
        return _read_zip(content, nom, inside, entete_cle, feuille, membre, est_cle)
    return _read(content, nom, kind, entete_cle, feuille)


def _read(content: bytes, nom: str, kind: str, entete_cle: str, feuille: str | None) -> RawTable:
    if kind not in _READERS:
        raise QpvError(f"format non lu : {kind}", ou=f"fichier {nom}", attendu=", ".join(_READERS))
    return _READERS[kind](content, nom, entete_cle, feuille)


def _read_zip(
    content: bytes,
    nom: str,
    inside: str,
    entete_cle: str,
    feuille: str | None,
    membre: str | None,
    est_cle: Callable[[str], bool],
) -> RawTable:
    """The table of the one member that bears the name, the key, and territories of its kind."""
    members = list(read_members(content, nom=nom, membre=membre))
    found: list[RawTable] = []
    for member, data in members:
        kind = _ending(member) or inside
        try:
            found.append(_read(data, f"{nom}!{member}", kind, entete_cle, feuille))
        except NoHeader:
            if len(members) == 1:
                raise
    names = [member for member, _ in members]
    if not found:
        raise _no_header(nom, entete_cle, f"d'un de ses membres : {', '.join(names)}")
    if len(members) > 1:
        found = [t for t in found if _names_any(t, entete_cle, est_cle)]
    if len(found) != 1:
        raise not_one_member(len(found), names, nom, membre)
    return found[0]


def _names_any(table: RawTable, entete_cle: str, est_cle: Callable[[str], bool]) -> bool:
    at = table.positions()[header_key(entete_cle)]
    return any(est_cle(cells[at].strip()) for _, cells in table.rows)


def _ending(nom: str) -> str | None:
    """The format that a file name tells, None when it tells none."""
    ending = nom.rsplit(".", 1)[-1].lower()
    return ending if ending in _READERS or ending == "zip" else None


def _decode(content: bytes, nom: str) -> str:
    """UTF-8 with or without BOM, else Windows-1252: the two encodings that producers use.

    A file that is UTF-8 as far as its first fault (BOM, accents) is a damaged UTF-8 file.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sound = content[: error.start]
        if not sound.isascii() or content.startswith(b"\xef\xbb\xbf"):
            line = content[: error.start].count(b"\n") + 1
            raise QpvError(
                "fichier UTF-8 abîmé ou tronqué",
                ou=f"fichier {nom}, ligne {line}",
                faire="reprendre le fichier du producteur",
            ) from error
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise QpvError(
            "encodage illisible", ou=f"fichier {nom}", attendu="UTF-8 ou Windows-1252"
        ) from error


def _read_csv(content: bytes, nom: str, entete_cle: str, _: str | None) -> RawTable:
    text = _decode(content, nom)
    separator = _separator(text, header_key(entete_cle))
    if separator is None:
        raise _no_header(nom, entete_cle)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        numbered = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise QpvError(
            f"CSV illisible : guillemets mal fermés ou fichier tronqué ({error})",
            ou=f"fichier {nom}, ligne {reader.line_num}",
            faire="reprendre le fichier du producteur",
        ) from error
    return _frame(numbered, nom, entete_cle, None)


def _separator(text: str, key: str) -> str | None:
    """The separator under which one of the first lines bears the key's header."""
    lines = re.split(r"\r\n|\r|\n", text[:200_000])[:HEADER_ROWS]
    for separator in (";", ",", "\t"):
        for line in lines:
            if any(key in map(header_key, row) for row in csv.reader([line], delimiter=separator)):
                return separator
    return None


def _read_workbook(content: bytes, nom: str, entete_cle: str, feuille: str | None) -> RawTable:
    sheets = _sheets(content, nom, feuille)
    for sheet, rows in sheets.items():
        numbered = [(n, [_cell(c) for c in row]) for n, row in enumerate(rows, 1)]
        if _header_at(numbered, header_key(entete_cle)) is not None:
            return _frame(numbered, nom, entete_cle, sheet)
    raise _no_header(nom, entete_cle, f"dans une de ces feuilles : {', '.join(sheets)}")


def _sheets(content: bytes, nom: str, feuille: str | None) -> dict[str, list[list]]:
    """Rows of the sheets that answer to `feuille`, all of them without it."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        wanted = [s for s in book.sheet_names if feuille is None or _is_named(s, feuille)]
        if not wanted:
            raise QpvError(
                "le classeur n'a pas la feuille attendue",
                ou=f"fichier {nom}",
                attendu=f"une feuille {feuille!r} ; il a {', '.join(book.sheet_names)}",
                faire="vérifier que c'est le bon classeur, ou corriger `feuille` dans le YAML",
            )
        return {s: book.get_sheet_by_name(s).to_python(skip_empty_area=False) for s in wanted}
    except BaseException as error:
        # A panic of calamine's Rust code (truncated workbook) is no Exception.
        if isinstance(error, CalamineError) or type(error).__name__ == "PanicException":
            raise QpvError(
                f"classeur illisible ou tronqué : {error}",
                ou=f"fichier {nom}",
                faire="reprendre le fichier du producteur",
            ) from error
        raise


def _is_named(sheet: str, feuille: str) -> bool:
    same = sheet.strip().casefold() == feuille.strip().casefold()
    return same or re.fullmatch(feuille, sheet, re.IGNORECASE) is not None


def _cell(value: object) -> str:
    """A typed cell as text: whole numbers without decimals, no exponent, NaN as a blank."""
    if value is None:
        return ""
    if isinstance(value, float) and math.isfinite(value):
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    return "" if value != value else str(value)


def _read_parquet(content: bytes, nom: str, entete_cle: str, _: str | None) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
    except (pa.ArrowException, OSError) as error:
        raise QpvError(f"Parquet illisible : {error}", ou=f"fichier {nom}") from error
    columns = [[_cell(v) for v in column.to_pylist()] for column in table.columns]
    rows = [table.column_names, *map(list, zip(*columns, strict=True))]
    return _frame(list(enumerate(rows, 1)), nom, entete_cle, None)


def _read_geojson(content: bytes, nom: str, entete_cle: str, _: str | None) -> RawTable:
    """Properties as text columns, and `geometry` as GeoJSON text. A row number is a feature's."""
    number, names, found = 0, {}, []
    try:
        features = json.loads(_decode(content, nom))["features"]
        for number, feature in enumerate(features, 1):  # noqa: B007  said by a refusal
            properties = dict(feature["properties"])
            names |= dict.fromkeys(properties)
            found.append((properties, json.dumps(feature["geometry"])))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise QpvError(
            "GeoJSON illisible",
            ou=f"fichier {nom}" + (f", entité {number}" if number else ""),
            attendu="une FeatureCollection non vide, chaque entité avec `properties` et `geometry`",
        ) from error
    if not found:
        raise QpvError(
            "le GeoJSON n'a aucune entité", ou=f"fichier {nom}", attendu="au moins un polygone"
        )
    if header_key(entete_cle) not in map(header_key, names):
        raise _no_header(nom, entete_cle)
    rows = [
        (number, [*(_cell(properties.get(name)) for name in names), geometry])
        for number, (properties, geometry) in enumerate(found, 1)
    ]
    return RawTable(nom, [*names, "geometry"], rows, rang="entité")


def _header_at(numbered: list[tuple[int, list[str]]], key: str) -> int | None:
    head = enumerate(numbered[:HEADER_ROWS])
    return next((i for i, (_, row) in head if key in map(header_key, row)), None)


def _frame(
    numbered: list[tuple[int, list[str]]], nom: str, entete_cle: str, feuille: str | None
) -> RawTable:
    """Header and data rows: blank rows and empty trailing columns dropped, lengths checked."""
    at = _header_at(numbered, header_key(entete_cle))
    if at is None:
        raise _no_header(nom, entete_cle)
    header = [_named(h) for h in numbered[at][1]]
    rows = [(n, r) for n, r in numbered[at + 1 :] if any(c.strip() for c in r)]
    for number, row in rows:
        if any(c.strip() for c in row[len(header) :]):
            raise QpvError(
                "une ligne a plus de cellules que d'en-têtes",
                ou=RawTable(nom, header, [], feuille).where(number),
                attendu=f"{len(header)} cellules, {len(row)} lues",
                faire="reprendre le fichier du producteur",
            )
    used = max(i for row in [header, *(r for _, r in rows)] for i, c in enumerate(row) if c.strip())
    table = RawTable(nom, header[: used + 1], [], feuille)
    _refuse_twins(table, numbered[at][0])
    for number, row in rows:
        if len(row) <= used:
            raise QpvError(
                "une ligne est plus courte que l'en-tête : le fichier est sans doute tronqué",
                ou=table.where(number),
                attendu=f"{used + 1} cellules, {len(row)} lues",
                faire="reprendre le fichier du producteur",
            )
        table.rows.append((number, row[: used + 1]))
    return table


def _refuse_twins(table: RawTable, number: int) -> None:
    seen: dict[str, int] = {}
    for index, header in enumerate(table.header, 1):
        first = seen.setdefault(header_key(header), index) if header else index
        if first != index:
            raise QpvError(
                f"deux colonnes portent l'en-tête {header!r}",
                ou=table.where(number, header),
                attendu=f"des en-têtes tous différents ; il est en colonnes {first} et {index}",
                faire="reprendre le fichier du producteur",
            )


def _named(header: str) -> str:
    """A header without its blanks; one that pandas made up for an empty column is no name."""
    name = header.replace("\ufeff", "").strip()
    return "" if re.fullmatch(r"Unnamed: \d+", name) else name


class NoHeader(QpvError):
    """No row of the file bears the header of the key column."""


def _no_header(nom: str, entete_cle: str, place: str = "") -> NoHeader:
    wanted = f"une colonne {entete_cle!r} dans les {HEADER_ROWS} premières lignes {place}"
    return NoHeader(
        "aucune ligne d'en-tête ne porte la colonne clé",
        ou=f"fichier {nom}",
        attendu=wanted.strip(),
        faire="vérifier que c'est le bon fichier, ou corriger `entete_cle` dans le YAML",
    )


_READERS: dict[str, Callable[[bytes, str, str, str | None], RawTable]] = {
    "csv": _read_csv,
    "xls": _read_workbook,
    "xlsx": _read_workbook,
    "parquet": _read_parquet,
    "geojson": _read_geojson,
}
