"""Text that a converter damaged: given back its letters where they are sure, else refused."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from warehouse.characters import fault, mend
from warehouse.errors import QpvError

if TYPE_CHECKING:
    from ingest.readers import RawTable

#: The column of outlines: JSON text, which escapes what is not ASCII.
_GEOMETRY = "geometry"
#: Characters of a damaged cell that a message repeats.
_SAID = 80


def mend_rows(
    rows: list[tuple[int, list[str]]],
) -> tuple[list[tuple[int, list[str]]], int]:
    """(row number, cells) with C1 controls turned into their letters, and how many cells were."""
    found, count = [], 0
    for number, row in rows:
        if not all(map(str.isascii, row)):
            mended = [mend(cell) for cell in row]
            count += sum(one != other for one, other in zip(row, mended, strict=True))
            row = mended
        found.append((number, row))
    return found, count


def refuse_damaged(raw: RawTable, ignored: Collection[str]) -> None:
    """Refuse a text that no reader should see, in the columns that are not left aside.

    Raises:
        QpvError: a control character, a lost one, or letters encoded twice; with its place.
    """
    read = [i for i, h in enumerate(raw.header) if h not in ignored and h != _GEOMETRY]
    for number, cells in raw.rows:
        for index in read:
            if found := fault(cells[index]):
                raise QpvError(
                    f"texte abîmé : {raw.cell(cells[index][:_SAID])}"
                    + ("" if raw.confidentiel else f", {found}"),
                    ou=raw.where(number, raw.header[index]),
                    attendu="du texte en UTF-8 ou en Windows-1252, encodé une seule fois",
                    faire="reprendre le fichier du producteur, sans passer par un tableur ; s'il "
                    "est ainsi publié, le convertir une fois",
                )
