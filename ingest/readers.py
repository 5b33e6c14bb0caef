"""From an archived file to text cells, one function per format. Judges no value."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.limits import TABLES, Limites
from ingest.parquet_rows import parquet_rows
from ingest.table_bounds import refuse_cells, refuse_wide_text
from ingest.workbooks import sheets_of, typed_text, with_marks
from ingest.zips import not_one_member, read_members
from warehouse.base.characters import mend
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import (
    NoHeader,
    TextTable,
    decode,
    frame,
    header_at,
    header_key,
    mend_rows,
    place,
    read_csv,
)


@dataclass(frozen=True)
class RawTable:
    """Text cells as the file has them.

    `rows` holds (row number in the file from 1, cells), each row as long as `header`. `rang`: what
    a row is called. `confidentiel`: its producer did not mask it, no message repeats a cell of it.
    `rendus`: cells in which a control character was given back its Windows-1252 letter.
    """

    nom: str
    header: list[str]
    rows: list[tuple[int, list[str]]]
    feuille: str | None = None
    rang: str = "ligne"
    confidentiel: bool = False
    rendus: int = 0

    def where(self, ligne: int | None = None, colonne: str | None = None) -> str:
        """A place in the file, in words."""
        return place(self.nom, feuille=self.feuille, ligne=ligne, colonne=colonne, rang=self.rang)

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
    limites: Limites = TABLES,
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
        limites: what the table may weigh, out of its zip and unfolded.

    Raises:
        QpvError: unreadable file, or one beyond `limites`, no header row with the key, a header
            written twice, rows of unequal length, a zip of which not one member is the table.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QpvError(f"fichier illisible : {error}", ou=f"fichier {nom}") from error
    kind = _ending(nom) or fmt
    if kind == "zip":
        inside = "csv" if fmt == "zip" else fmt
        return _read_zip(content, nom, inside, entete_cle, feuille, membre, est_cle, limites)
    return _read(content, nom, kind, entete_cle, feuille, limites)


def _read(
    content: bytes, nom: str, kind: str, entete_cle: str, feuille: str | None, limites: Limites
) -> RawTable:
    if kind not in _READERS:
        raise QpvError(f"format non lu : {kind}", ou=f"fichier {nom}", attendu=", ".join(_READERS))
    return _READERS[kind](content, nom, entete_cle, feuille, limites)


def _read_zip(
    content: bytes,
    nom: str,
    inside: str,
    entete_cle: str,
    feuille: str | None,
    membre: str | None,
    est_cle: Callable[[str], bool],
    limites: Limites,
) -> RawTable:
    """The table of the one member that bears the name, the key, and territories of its kind."""
    members = list(read_members(content, nom=nom, membre=membre, limites=limites))
    found: list[RawTable] = []
    for member, data in members:
        kind = _ending(member) or inside
        try:
            found.append(_read(data, f"{nom}!{member}", kind, entete_cle, feuille, limites))
        except NoHeader:
            if len(members) == 1:
                raise
    names = [member for member, _ in members]
    if not found:
        raise NoHeader(nom, entete_cle, f"d'un de ses membres : {', '.join(names)}")
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


def _read_csv(
    content: bytes, nom: str, entete_cle: str, _: str | None, limites: Limites
) -> RawTable:
    refuse_wide_text(content, nom, limites)
    return _raw(read_csv(content, nom, entete_cle), nom)


def _raw(table: TextTable, nom: str, feuille: str | None = None) -> RawTable:
    return RawTable(nom, table.header, table.rows, feuille, rendus=table.rendus)


def _read_workbook(
    content: bytes, nom: str, entete_cle: str, feuille: str | None, limites: Limites
) -> RawTable:
    sheets = sheets_of(content, nom, feuille, limites)
    for sheet, rows in sheets.items():
        if header_at(rows, entete_cle) is not None:
            marked = with_marks(content, nom, sheet, rows)
            return _raw(frame(marked, nom, entete_cle, sheet), nom, sheet)
    raise NoHeader(nom, entete_cle, f"dans une de ces feuilles : {', '.join(sheets)}")


def _read_parquet(
    content: bytes, nom: str, entete_cle: str, _: str | None, limites: Limites
) -> RawTable:
    """Batch after batch: a page of a few bytes may repeat one value millions of times."""
    where = f"fichier {nom}"
    try:
        rows = parquet_rows(content, where, limites)
    except (QpvError, MemoryError):
        raise
    except Exception as error:  # hostile bytes: each page has its own errors
        raise QpvError(
            f"Parquet illisible ou abîmé ({type(error).__name__})",
            ou=where,
            attendu="un fichier Parquet entier",
            faire="reprendre le fichier du producteur",
        ) from error
    return _raw(frame(list(enumerate(rows, 1)), nom, entete_cle), nom)


def _read_geojson(
    content: bytes, nom: str, entete_cle: str, _: str | None, limites: Limites
) -> RawTable:
    """Properties as text columns, and `geometry` as GeoJSON text. A row number is a feature's."""
    number, found = 0, []
    names: dict[str, None] = {}
    refuse_cells(f"fichier {nom}", content.count(b"{"), 1, limites)
    try:
        features = json.loads(decode(content, nom))["features"]
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
        raise NoHeader(nom, entete_cle)
    refuse_cells(f"fichier {nom}", len(found), len(names) + 1, limites)
    rows = [
        (number, [*(typed_text(properties.get(name)) for name in names), geometry])
        for number, (properties, geometry) in enumerate(found, 1)
    ]
    rows, mended = mend_rows(rows)
    return RawTable(nom, [*map(mend, names), "geometry"], rows, rang="entité", rendus=mended)


def _read_json(
    content: bytes, nom: str, entete_cle: str, _: str | None, limites: Limites
) -> RawTable:
    """A list of objects as rows; what they nest stays JSON text. A row number is an entry's."""
    refuse_cells(f"fichier {nom}", content.count(b"{"), 1, limites)
    try:
        entries = json.loads(decode(content, nom))
    except (ValueError, RecursionError) as error:
        raise QpvError(f"JSON illisible : {error}", ou=f"fichier {nom}") from error
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise QpvError(
            "le JSON n'est pas une liste d'objets",
            ou=f"fichier {nom}",
            attendu="un tableau JSON dont chaque entrée est un objet",
        )
    names = dict.fromkeys(name for entry in entries for name in entry)
    if header_key(entete_cle) not in map(header_key, names):
        raise NoHeader(nom, entete_cle)
    refuse_cells(f"fichier {nom}", len(entries), len(names), limites)
    try:
        rows = [
            (number, [_flat(entry.get(name)) for name in names])
            for number, entry in enumerate(entries, 1)
        ]
    except RecursionError as error:  # what is read at the limit is written beyond it
        raise QpvError(f"JSON illisible : {error}", ou=f"fichier {nom}") from error
    rows, mended = mend_rows(rows)
    return RawTable(nom, [*map(mend, names)], rows, rang="entrée", rendus=mended)


def _flat(value: object) -> str:
    is_nested = isinstance(value, dict | list)
    return json.dumps(value, ensure_ascii=False) if is_nested else typed_text(value)


_READERS: dict[str, Callable[[bytes, str, str, str | None, Limites], RawTable]] = {
    "csv": _read_csv,
    "xls": _read_workbook,
    "xlsx": _read_workbook,
    "parquet": _read_parquet,
    "geojson": _read_geojson,
    "json": _read_json,
}
