"""Tables published elsewhere as CSV: files, rows with their line, columns as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from warehouse.base.bounded_files import MO
from warehouse.base.characters import fault
from warehouse.base.errors import QpvError
from warehouse.base.numbers import Ambigu, Habit, NotANumber, Number, bare, habit_of, read_number
from warehouse.base.text_tables import NoHeader, csv_bytes, decode, read_csv
from warehouse.domain.format import propre

Rows = list[tuple[int, dict[str, str]]]
#: What a folder of tables may hold and that is not read.
_OTHER_TABLES = (".xlsx", ".xls", ".xlsm", ".ods", ".tsv", ".txt", ".parquet")
#: A table that someone prints is not heavier.
_HEAVIEST = 100 * MO


def csv_files(paths: Sequence[Path]) -> list[Path]:
    """The CSV files of paths that are files or folders, whatever the case of their ending.

    Raises:
        QpvError: none, or two of one name but for its ending.
    """
    files = [f for p in paths for f in (_listed(p, (".csv",)) if p.is_dir() else [p])]
    if not files:
        raise QpvError(
            "aucun tableau à lire",
            ou=", ".join(map(str, paths)),
            attendu="des fichiers CSV, ou un dossier qui en contient",
            faire=" ; ".join(other_tables(paths)) or None,
        )
    twice = {f.stem for f in files if sum(f.stem == g.stem for g in files) > 1}
    if twice:
        raise QpvError(
            f"deux tableaux du même nom : {', '.join(sorted(twice))}",
            ou=", ".join(str(f) for f in files if f.stem in twice),
            faire="n'en donner qu'un, ou renommer l'autre",
        )
    return files


def other_tables(paths: Sequence[Path]) -> list[str]:
    """What the folders hold that may be a table and is not read, in words."""
    found = [f for p in paths if p.is_dir() for f in _listed(p, _OTHER_TABLES)]
    return [f"{f.name} : seuls les CSV se lisent, l'enregistrer en CSV" for f in found]


def csv_rows(path: Path, key: str | None) -> tuple[list[str], Rows]:
    """Header, then (line number, cells) of each row of a table, without titles and notes.

    Args:
        key: the header of a column that names what a row is about; it comes back as it is given.
            None: the first line that is not blank is the header.

    Raises:
        QpvError: no text in UTF-8 or Windows-1252, no header row, no row, a row of another
            length, two columns of one name.
    """
    content = csv_bytes(path, _HEAVIEST)
    wanted = key or _first_header(decode(content, str(path)))
    try:
        table = read_csv(content, str(path), wanted)
    except NoHeader as error:
        raise QpvError(
            f"colonne absente : {wanted}",
            ou=error.ou,
            attendu=error.attendu,
            faire="donner un CSV dont une des premières lignes porte les noms des colonnes",
        ) from error
    if not table.rows:
        raise QpvError(
            "un tableau sans ligne",
            ou=str(path),
            attendu="un en-tête, puis une ligne par territoire",
        )
    header = [
        wanted if name.casefold() == wanted.casefold() else name or f"(sans nom, colonne {at})"
        for at, name in enumerate(table.header, 1)
    ]
    rows = [(n, dict(zip(header, cells, strict=True))) for n, cells in table.rows]
    for line, row in rows:
        _refuse_damaged(row, path, line)
    return header, rows


def _refuse_damaged(row: dict[str, str], path: Path, line: int) -> None:
    """Refuse lost and twice-encoded letters; controls are only taken out of what is said."""
    for column, cell in row.items():
        if found := fault(propre(cell)) or fault(propre(column)):
            raise QpvError(
                f"texte abîmé, {found}",
                ou=f"{path}, ligne {line}, colonne {propre(column)!r}",
                attendu="du texte en UTF-8, encodé une seule fois",
            )


def column_habit(rows: Rows, name: str) -> Habit:
    """How a column separates thousands and decimals, as far as its cells show it."""
    return habit_of(cells[name] for _, cells in rows)


def printed_number(
    cell: str, where: str, habit: Habit, ambigu: Ambigu, signes: str
) -> Number | None:
    """The number of a cell; None where it is blank or holds a sign or a word.

    Args:
        where: its place, for the message.
        signes: what may stand in place of a number, for the message.

    Raises:
        QpvError: neither a number nor a sign: an error of a spreadsheet, two numbers, a note…
    """
    if not bare(cell):
        return None
    try:
        return read_number(cell, habit, ambigu)
    except NotANumber as error:
        if error.est_signe:
            return None
        raise QpvError(
            f"un nombre illisible : {cell.strip()!r:.60} ({error.quoi})",
            ou=where,
            attendu=f"{error.attendu}, ou {signes}",
            faire=error.faire,
        ) from error


def _first_header(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip(' ;,"\t')), "")
    return re.split(r"[;,\t]", line)[0].strip(' "')


def _listed(folder: Path, endings: Iterable[str]) -> list[Path]:
    return sorted(f for f in folder.iterdir() if f.suffix.lower() in endings)
