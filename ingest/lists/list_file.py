"""A list that somebody gives, as columns of text: its separator, its rows, those that are none."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from warehouse.base.bounded_files import MO
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import csv_bytes, csv_reader, decode, header_key, place

#: Millions of rows, with room for what else they hold.
HEAVIEST = 2_000 * MO
_SEPARATORS = (";", ",", "\t", "|")
#: A line longer than this is none of a list.
_BLOCK = 8 * MO
_FAIRE = "donner un CSV dont la première ligne porte les noms des colonnes"


@dataclass(frozen=True)
class OwnList:
    """The rows of a list, all columns text; `illisibles`: lines of another number of cells."""

    nom: str
    table: pa.Table
    separateur: str
    illisibles: int

    @property
    def header(self) -> list[str]:
        return self.table.column_names

    @property
    def rows(self) -> int:
        return self.table.num_rows

    @property
    def doubles(self) -> int:
        """Rows that are another one, cell by cell."""
        return self.rows - self.table.group_by(self.header).aggregate([]).num_rows

    def column(self, said: str, option: str) -> str:
        """The header that somebody means, whatever its case.

        Raises:
            QpvError: no column bears it.
        """
        keys = {header_key(name): name for name in self.header}
        if (found := keys.get(header_key(said))) is None:
            raise QpvError(
                f"colonne absente : {said!r}",
                ou=f"fichier {self.nom}, {option}",
                attendu=f"une de : {', '.join(map(repr, self.header[:20]))}",
            )
        return found

    def texts(self, column: str) -> pa.Array:
        """The cells of a column, without blanks around."""
        return pc.utf8_trim_whitespace(self.table[column]).combine_chunks()


def read_list(path: Path, only: Sequence[str] | None = None) -> OwnList:
    """The list of a CSV in UTF-8 or Windows-1252, its header on the first line that is not blank.

    Args:
        only: the headers to keep, of a file with many others.

    Raises:
        QpvError: no ordinary file, no text, no row, a header written twice, a quote never closed.
    """
    return list_of(csv_bytes(path, HEAVIEST), path.name, only)


def list_of(content: bytes, nom: str, only: Sequence[str] | None = None) -> OwnList:
    """`read_list`, of bytes in memory."""
    text = decode(content, nom).lstrip("\r\n \ufeff")
    if "\x00" in text:
        raise QpvError("ce n'est pas du texte : des octets nuls", ou=f"fichier {nom}", faire=_FAIRE)
    if not text.strip():
        raise QpvError("la liste est vide", ou=f"fichier {nom}", faire=_FAIRE)
    if text.count('"') % 2:
        raise QpvError(
            "un guillemet ouvert n'est jamais fermé : des lignes seraient perdues",
            ou=f"fichier {nom}",
            faire='fermer ce guillemet, ou l\'écrire deux fois ("") dans une cellule',
        )
    line = _first_line(text)
    try:
        rows = {sign: next(csv_reader([line], sign)) for sign in _SEPARATORS}
    except csv.Error as error:
        raise QpvError(
            f"ligne d'en-tête illisible : guillemets mal fermés ou cellule trop longue ({error})",
            ou=f"fichier {nom}",
            faire=_FAIRE,
        ) from error
    separator = max(_SEPARATORS, key=lambda sign: len(rows[sign]))
    header = [cell.strip() for cell in rows[separator]]
    header = [name or f"(sans nom, colonne {at})" for at, name in enumerate(header, 1)]
    _refuse_twins(header, nom)
    body = text[len(line) :].lstrip("\r\n")
    if not body.strip():
        raise QpvError("la liste n'a aucune ligne", ou=f"fichier {nom}", faire=_FAIRE)
    rejected: list[pacsv.InvalidRow] = []

    def put_aside(row: pacsv.InvalidRow) -> str:
        rejected.append(row)
        return "skip"

    try:
        table = pacsv.read_csv(
            io.BytesIO(body.encode("utf-8")),
            read_options=pacsv.ReadOptions(column_names=header, block_size=_BLOCK),
            parse_options=pacsv.ParseOptions(
                delimiter=separator, newlines_in_values=True, invalid_row_handler=put_aside
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                include_columns=None if only is None else [h for h in header if h in only],
            ),
        )
    except pa.ArrowException as error:
        raise QpvError(
            f"CSV illisible : {str(error).splitlines()[0]}", ou=f"fichier {nom}", faire=_FAIRE
        ) from error
    if not table.num_rows:
        more = f" ({len(rejected)} d'un autre nombre de cellules)" if rejected else ""
        raise QpvError(
            f"la liste n'a aucune ligne lisible{more}", ou=f"fichier {nom}", faire=_FAIRE
        )
    return OwnList(nom, table, separator, len(rejected))


def _first_line(text: str) -> str:
    """The line of the headers; one that is quoted may hold ends of line."""
    at, quoted = 0, False
    for at, sign in enumerate(text[:_BLOCK]):
        quoted ^= sign == '"'
        if sign in "\r\n" and not quoted:
            return text[:at]
    return text[: at + 1]


def _refuse_twins(header: Sequence[str], nom: str) -> None:
    keys = [header_key(name) for name in header]
    twice = next((h for h, key in zip(header, keys, strict=True) if keys.count(key) > 1), None)
    if twice is not None:
        raise QpvError(
            f"deux colonnes portent l'en-tête {twice!r}",
            ou=place(nom, colonne=twice),
            attendu="des en-têtes tous différents",
        )
