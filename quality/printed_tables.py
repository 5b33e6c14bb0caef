"""Tables published elsewhere as CSV: rows with their line, numbers as printed. Judges nothing."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from warehouse.characters import fault, mend
from warehouse.errors import QpvError
from warehouse.format import propre

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def csv_rows(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Header, then (line number, cells) of each row that is not blank.

    Raises:
        QpvError: not a CSV in UTF-8, no row, a row of another length, two columns of one name.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=";" if ";" in first else ",", strict=True)
            header = [mend(h).strip() for h in next(reader, [])]
            rows = []
            for cells in reader:
                if not any(c.strip() for c in cells):
                    continue
                if len(cells) != len(header):
                    raise QpvError(
                        f"une ligne de {len(cells)} cases",
                        ou=f"{path}, ligne {reader.line_num}",
                        attendu=f"{len(header)} cases, comme l'en-tête",
                    )
                row = dict(zip(header, map(mend, cells), strict=True))
                _refuse_damaged(row, path, reader.line_num)
                rows.append((reader.line_num, row))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise QpvError(
            f"{path.name} ne se lit pas : {error}", ou=str(path), attendu="un CSV en UTF-8"
        ) from error
    if not header or len(set(header)) != len(header) or not rows:
        raise QpvError(
            "un tableau sans ligne, ou dont deux colonnes ont le même nom",
            ou=str(path),
            attendu="un en-tête, puis une ligne par territoire",
        )
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


def as_number(cell: str) -> str | None:
    """The number of a cell as Python writes it (spaces, decimal comma and % undone), else None."""
    text = re.sub(r"\s", "", cell).replace("−", "-").replace(",", ".").removesuffix("%")
    return text if _NUMBER.fullmatch(text) else None
