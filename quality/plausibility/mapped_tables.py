"""Published tables one by one, their columns as numbers under what a map says of them. One loop for
all that judges them: none may pass over a table in silence, or read nothing and agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from quality.plausibility.column_map import ROUNDING, Column, map_beside, read_map
from quality.plausibility.columns import printed_column
from quality.printed_tables import Rows, csv_files, csv_rows, other_tables
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, Indicateur

_LABELS = ("territoire", "libelle_publie")
#: Line, territory, number as Python writes it.
Numbers = list[tuple[int, str, str | None]]


class MappedTable(NamedTuple):
    """One table: the codes of its rows, its columns that the map names, and their numbers."""

    path: Path
    carte: Path
    territoires: list[str]
    colonnes: dict[str, Column]
    nombres: dict[str, Numbers]


def mapped_tables(
    paths: Sequence[Path], colonnes: Path | None, dictionary: Dictionary, told: list[str]
) -> Iterator[MappedTable]:
    """The tables that a map describes.

    Args:
        paths: CSV files, or folders of them; the map itself is passed over.
        colonnes: the map; by default `golden_map.csv` beside the first file.
        told: receives what was left unread, and why.

    Raises:
        QpvError: no file, an unreadable file, row or number, a map that names what does not exist,
            not one figure once all is read.
    """
    files = csv_files(paths)
    where = map_beside(files, colonnes)
    columns = read_map(where, dictionary)
    told += other_tables(paths)
    figures = 0
    for path in files:
        if path.resolve() == where.resolve():
            continue
        mapped = {c: m for (f, c), m in columns.items() if f == path.stem}
        if not mapped:
            told.append(f"{path.name} : {where.name} ne dit rien de ce fichier")
            continue
        header, rows = csv_rows(path, _LABELS[0])
        _check_header(path, header, mapped, where, told)
        numbers = {
            name: _column_numbers(
                path, rows, name, column, dictionary.indicateurs[column.indicateur], told
            )
            for name, column in mapped.items()
        }
        figures += sum(n is not None for each in numbers.values() for _, _, n in each)
        codes = [row[_LABELS[0]].strip() for _, row in rows]
        yield MappedTable(path, where, codes, mapped, numbers)
    if any(path.is_dir() for path in paths):
        given = {path.stem for path in files}
        absent = [name for name in dict.fromkeys(f for f, _ in columns) if name not in given]
        told += [f"{name} : {where.name} le décrit, il manque" for name in absent]
    if not figures:
        raise QpvError(
            "aucun chiffre à vérifier",
            ou=", ".join(map(str, paths)),
            attendu=f"au moins un chiffre d'un tableau que {where.name} décrit",
            faire=" ; ".join(told[:10]) or "vérifier que c'est le bon tableau",
        )


def _check_header(
    path: Path, header: list[str], mapped: dict[str, Column], where: Path, told: list[str]
) -> None:
    absent = [c for c in (_LABELS[0], *mapped) if c not in header]
    if absent:
        raise QpvError(
            f"colonne absente : {', '.join(absent)}",
            ou=f"{path}, ligne 1",
            attendu=f"« territoire » et les colonnes que {where.name} nomme",
        )
    told += [
        f"{path.name}, colonne {c} : {where.name} n'en dit rien"
        for c in header
        if c not in mapped and c not in _LABELS
    ]


def decimals_of(numbers: Numbers) -> int:
    """A column of 46.3 prints 0 for 0.0: its decimals are those of its longest cell."""
    return max((len(n.partition(".")[2]) for _, _, n in numbers if n), default=0)


def _column_numbers(
    path: Path, rows: Rows, name: str, column: Column, indicateur: Indicateur, told: list[str]
) -> Numbers:
    """The column as numbers; `told` receives what was read as missing.

    Raises:
        QpvError: an unreadable one, or one that its declared rounding contradicts.
    """
    said = (column.grandeur, column.ecriture, told)
    found = printed_column(path, rows, name, indicateur, *said)
    for line, _, text in found:
        if column.arrondi_a and text and float(text) % column.arrondi_a:
            raise QpvError(
                f"{text} n'est pas un multiple de {column.arrondi_a}",
                ou=f"{path}, ligne {line}, {name}",
                attendu=f"une colonne arrondie à {column.arrondi_a}, comme le dit la carte",
                faire=f"corriger {ROUNDING} dans la carte, ou le laisser vide",
            )
    return found
