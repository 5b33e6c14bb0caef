"""The CSV beside a page: unrounded cells, no text that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from warehouse.base.text_tables import FORMULE


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A header, then rows, as long as it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for cells in rows:
            writer.writerow([_inert(cell) for cell in cells])


def _inert(cell: object) -> object:
    """`'` before it, as in the CSV tables of a release; numbers are left as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple(FORMULE)) else cell
