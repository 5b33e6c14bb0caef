"""Text that a converter damaged beyond what is sure to mend: refused, with its place."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from warehouse.base.characters import fault
from warehouse.base.errors import QpvError

if TYPE_CHECKING:
    from ingest.readers import RawTable

#: The column of outlines: JSON text, which escapes what is not ASCII.
_GEOMETRY = "geometry"
#: Characters of a damaged cell that a message repeats.
_SAID = 80


def refuse_damaged(raw: RawTable, ignored: Collection[str]) -> None:
    """Refuse a text that no reader should see, in the columns that are not left aside.

    Raises:
        QpvError: a control character, a lost one, or letters encoded twice; with its place.
    """
    read = [i for i, h in enumerate(raw.header) if h not in ignored and h != _GEOMETRY]
    for number, cells in raw.rows:
        # One look at a row, not at each of its cells: a tenth of the time of landing a composition.
        if fault("\n".join([cells[index] for index in read])) is None:
            continue
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
