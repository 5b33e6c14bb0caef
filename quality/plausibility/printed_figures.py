"""The figures of published tables one by one, each with its place: neither a corpus nor a rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from quality.plausibility.mapped_tables import decimals_of, mapped_tables
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
    """The figures of published tables one by one, as the rules of plausibility read them.

    Args:
        told: receives what was left unread, and why.

    Raises:
        QpvError: as `mapped_tables`.
    """
    found: list[Printed] = []
    for table in mapped_tables(paths, colonnes, dictionary, told):
        for name, column in table.colonnes.items():
            numbers = table.nombres[name]
            decimals = decimals_of(numbers)
            found += [
                Printed(
                    f"{table.path.name}, ligne {line}, {name}", territoire, column.indicateur,
                    column.grandeur, column.periode, column.comparaison, text, decimals,
                )
                for line, territoire, text in numbers
            ]  # fmt: skip
    return found
