"""From an archived file to text cells, one function per format. Judges no value."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.registry import header_key
from warehouse.errors import QpvError


@dataclass(frozen=True)
class RawTable:
    """Text cells as the file has them.

    `rows` holds (row number in the file from 1, cells), each row as long as `header`.
    """

    nom: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    feuille: str | None = None

    def where(self, ligne: int | None = None, colonne: str | None = None) -> str:
        """A place in the file, in words."""
        parts = [f"fichier {self.nom}"]
        if self.feuille:
            parts.append(f"feuille {self.feuille!r}")
        if ligne is not None:
            parts.append(f"ligne {ligne}")
        if colonne is not None:
            parts.append(f"colonne {colonne!r}")
        return ", ".join(parts)


def read_table(
    path: Path, *, nom: str, fmt: str, entete_cle: str, membre: str | None, feuille: str | None
) -> RawTable:
    """The table of a file whose header row is the first that bears the key's header.

    Args:
        path: the archived file (its name says nothing: the archive is content-addressed).
        nom: the official file name, for messages and for the format of a zip's member.
        fmt: registry format of the source, used where the name has no known ending.
        entete_cle: header of the key column.
        membre: regular expression naming one member, for a zip.
        feuille: regular expression naming the sheet, for a workbook.

    Raises:
        QpvError: unreadable file, no header row with the key, rows of unequal length.
    """
    content = path.read_bytes()
    ending = nom.rsplit(".", 1)[-1].lower()
    kind = ending if ending in _READERS or ending == "zip" else fmt
    if kind == "zip":
        nom, content, kind = _member(nom, content, membre, fmt)
    return _READERS[kind](content, nom, entete_cle, feuille)


def _member(nom: str, content: bytes, membre: str | None, fmt: str) -> tuple[str, bytes, str]:
    """The single member of a zip that the registry names; nothing is ever extracted to a path."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [n for n in archive.namelist() if not n.endswith("/")]
            wanted = [n for n in names if re.fullmatch(membre or ".*", n.rsplit("/", 1)[-1])]
            if len(wanted) != 1:
                raise QpvError(
                    f"l'archive contient {len(wanted)} fichiers qui répondent au nom attendu",
                    ou=f"fichier {nom}",
                    attendu=f"un seul membre {membre or '*'} ; elle contient {', '.join(names)}",
                    faire="corriger `membre` dans le YAML de la source",
                )
            content = archive.read(wanted[0])
    except zipfile.BadZipFile as error:
        raise QpvError("archive zip illisible", ou=f"fichier {nom}") from error
    member = wanted[0].rsplit("/", 1)[-1]
    ending = member.rsplit(".", 1)[-1].lower()
    kind = ending if ending in _READERS else ("csv" if fmt == "zip" else fmt)
    return f"{nom}!{member}", content, kind


def _decode(content: bytes, nom: str) -> str:
    """UTF-8 with or without BOM, else Windows-1252: the two encodings that producers use."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise QpvError("encodage illisible", ou=f"fichier {nom}", attendu="UTF-8 ou Windows-1252")


def _read_csv(content: bytes, nom: str, entete_cle: str, _: str | None) -> RawTable:
    text = _decode(content, nom)
    key = header_key(entete_cle)
    for separator in (";", ",", "\t"):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        try:
            numbered = [(reader.line_num, row) for row in reader]
        except csv.Error as error:
            place = f"fichier {nom}, ligne {reader.line_num}"
            if separator != ";" and any(key == header_key(c) for c in text[:4000].split(separator)):
                raise QpvError(f"CSV illisible : {error}", ou=place) from error
            continue
        if any(key in map(header_key, row) for _, row in numbered[:15]):
            return _frame(numbered, nom, key, entete_cle, None)
    raise _no_header(nom, entete_cle)


def _read_workbook(content: bytes, nom: str, entete_cle: str, feuille: str | None) -> RawTable:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    except CalamineError as error:
        raise QpvError(f"classeur illisible : {error}", ou=f"fichier {nom}") from error
    key = header_key(entete_cle)
    for sheet in book.sheet_names:
        if feuille and not re.fullmatch(feuille, sheet, re.IGNORECASE):
            continue
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        numbered = [(n, [_cell(c) for c in row]) for n, row in enumerate(rows, 1)]
        if any(key in map(header_key, row) for _, row in numbered[:15]):
            return _frame(numbered, nom, key, entete_cle, sheet)
    raise _no_header(nom, entete_cle)


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _read_parquet(content: bytes, nom: str, entete_cle: str, _: str | None) -> RawTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(io.BytesIO(content))
    except pa.ArrowInvalid as error:
        raise QpvError(f"Parquet illisible : {error}", ou=f"fichier {nom}") from error
    columns = [[_cell(v) for v in column.to_pylist()] for column in table.columns]
    rows = [table.column_names, *map(list, zip(*columns, strict=True))]
    return _frame(list(enumerate(rows, 1)), nom, header_key(entete_cle), entete_cle, None)


def _read_geojson(content: bytes, nom: str, entete_cle: str, _: str | None) -> RawTable:
    """Properties as text columns, and `geometry` as GeoJSON text. A row number is a feature's."""
    try:
        features = json.loads(_decode(content, nom))["features"]
        header = [*features[0]["properties"], "geometry"]
        rows = [
            (n, [_cell(f["properties"].get(h)) for h in header[:-1]] + [json.dumps(f["geometry"])])
            for n, f in enumerate(features, 1)
        ]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise QpvError(
            "GeoJSON illisible", ou=f"fichier {nom}", attendu="une FeatureCollection non vide"
        ) from error
    if header_key(entete_cle) not in map(header_key, header):
        raise _no_header(nom, entete_cle)
    return RawTable(nom, header, rows)


def _frame(
    numbered: list[tuple[int, list[str]]], nom: str, key: str, entete_cle: str, feuille: str | None
) -> RawTable:
    """Header and data rows: blank rows dropped, empty trailing columns dropped, lengths checked."""
    at = next((i for i, (_, r) in enumerate(numbered) if key in map(header_key, r)), None)
    if at is None:
        raise _no_header(nom, entete_cle)
    header = numbered[at][1]
    rows = [(n, r) for n, r in numbered[at + 1 :] if any(c.strip() for c in r)]
    used = max(
        (i for _, row in [(0, _named(header)), *rows] for i, c in enumerate(row) if c.strip()),
        default=0,
    )
    table = RawTable(nom, [h.strip() for h in header[: used + 1]], [], feuille)
    for number, row in rows:
        if used >= len(header) and any(c.strip() for c in row[len(header) :]):
            raise QpvError(
                "une ligne a plus de cellules que d'en-têtes",
                ou=table.where(number),
                attendu=f"{len(header)} cellules",
                faire="reprendre le fichier du producteur",
            )
        if len(row) <= used:
            raise QpvError(
                "une ligne est plus courte que l'en-tête : le fichier est sans doute tronqué",
                ou=table.where(number),
                attendu=f"{used + 1} cellules, {len(row)} lues",
                faire="reprendre le fichier du producteur",
            )
        table.rows.append((number, row[: used + 1]))
    return table


def _named(header: list[str]) -> list[str]:
    """Headers, those that a spreadsheet or pandas made up for empty columns blanked."""
    return ["" if re.fullmatch(r"Unnamed: \d+", h.strip()) else h for h in header]


def _no_header(nom: str, entete_cle: str) -> QpvError:
    return QpvError(
        "aucune ligne d'en-tête ne porte la colonne clé",
        ou=f"fichier {nom}",
        attendu=f"une colonne {entete_cle!r} dans les 15 premières lignes",
        faire="vérifier que c'est le bon fichier, ou corriger `entete_cle` dans le YAML",
    )


_READERS: dict[str, Callable[[bytes, str, str, str | None], RawTable]] = {
    "csv": _read_csv,
    "xls": _read_workbook,
    "xlsx": _read_workbook,
    "parquet": _read_parquet,
    "geojson": _read_geojson,
}
