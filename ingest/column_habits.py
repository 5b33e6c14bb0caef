"""Columns before their cells are read: how they write numbers, shares, errors of spreadsheets."""

from __future__ import annotations

from collections.abc import Iterable

from ingest.readers import RawTable
from ingest.values import PARTS, ColumnReading, read_as
from warehouse.base.errors import QpvError
from warehouse.base.numbers import (
    Habit,
    NotANumber,
    Number,
    habit_of,
    is_error,
    look_like_fractions,
)


def column_habit(raw: RawTable, at: int) -> Habit:
    """How a column of a file separates thousands and decimals, as far as its cells show it."""
    return habit_of(cells[at] for _, cells in raw.rows)


def refuse_errors(
    cells: list[str],
    places: dict[str, int | None],
    headers: dict[str, str],
    raw: RawTable,
    number: int,
) -> None:
    """Refuse a row of which an attribute is the error of a spreadsheet: `#N/A` is no name.

    Args:
        places: attribute → its column, None where the file has none.

    Raises:
        QpvError: with the place of the first one.
    """
    for nom, at in places.items():
        if at is not None and is_error(cells[at]):
            raise QpvError(
                f"une erreur de tableur : {raw.cell(cells[at])}",
                ou=raw.where(number, headers[nom]),
                attendu="une valeur, ou une case vide",
                faire="corriger la formule dans le classeur d'origine",
            )


def refuse_fractions(
    texts: Iterable[str], reading: ColumnReading, raw: RawTable, header: str
) -> None:
    """Refuse shares that are all between 0 and 1, unless the registry says how they are written.

    Args:
        texts: the cells of one mesure; only parts are judged, of either sign.

    Raises:
        QpvError: 0.463 may be 46.3 % or 0.463 %: the file does not say which.
    """
    if reading.kind not in PARTS or reading.ecriture:
        return
    if not look_like_fractions(_numbers(texts, reading)):
        return
    raise QpvError(
        "des parts toutes entre 0 et 1 : 0,463 peut être 46,3 % ou 0,463 %",
        ou=raw.where(colonne=header),
        attendu="des parts en %, de 0 à 100",
        faire="le demander au fichier ou à sa documentation, et le déclarer sur cette colonne : "
        "`ecriture: fraction` si 0,463 est 46,3 %, `ecriture: pourcent` sinon",
    )


def _numbers(texts: Iterable[str], reading: ColumnReading) -> Iterable[Number]:
    for text in texts:
        try:
            yield read_as(text, reading.kind, reading.habit)
        except NotANumber:
            continue
