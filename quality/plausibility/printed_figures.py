"""The figures of published tables one by one, each with its place: neither a corpus nor a rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from quality.plausibility.column_map import map_beside, read_map
from quality.plausibility.tables import LABELS, check_header, column_numbers, decimals_of
from quality.printed_tables import csv_files, csv_rows
from warehouse.declared.dictionary import Dictionary


class Printed(NamedTuple):
    """One figure of a table under what the map says of its column; `nombre` as Python writes it,
    None where it is missing; `decimales`: those of its column."""

    ou: str
    territoire: str
    indicateur: str
    grandeur: str
    periode: str
    comparaison: str | None
    nombre: str | None
    decimales: int


def read_printed(
    paths: Sequence[Path], colonnes: Path | None, dictionary: Dictionary, told: list[str]
) -> list[Printed]:
    """The figures of published tables one by one, as `read_tables` reads them.

    Args:
        told: receives what was left unread, and why.

    Raises:
        QpvError: as `read_tables`.
    """
    files = csv_files(paths)
    where = map_beside(files, colonnes)
    columns = read_map(where, dictionary)
    found: list[Printed] = []
    for path in files:
        if path.resolve() == where.resolve():
            continue
        mapped = {c: m for (f, c), m in columns.items() if f == path.stem}
        if not mapped:
            told.append(f"{path.name} : {where.name} ne dit rien de ce fichier")
            continue
        header, rows = csv_rows(path, LABELS[0])
        check_header(path, header, mapped, where, told)
        for name, column in mapped.items():
            numbers = column_numbers(
                path, rows, name, column, dictionary.indicateurs[column.indicateur], told
            )
            decimals = decimals_of(numbers)
            found += [
                Printed(
                    f"{path.name}, ligne {line}, {name}", territoire, column.indicateur,
                    column.grandeur, column.periode, column.comparaison, text, decimals,
                )
                for line, territoire, text in numbers
            ]  # fmt: skip
    return found
