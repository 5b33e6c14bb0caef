"""Between which values each mesure of the registry lies, from its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from warehouse.declared.bornes import Bornes, bornes_of, in_words

if TYPE_CHECKING:
    from ingest.blocks import Colonne
    from ingest.registry import Registry, Source


def source_bounds(source: Source) -> dict[str, Bornes]:
    """Canonical mesure of a source → its bounds."""
    columns = (c for bloc in source.blocs.values() for c in bloc.colonnes)
    return {c.mesure: bornes_of(c.type, c.bornes) for c in columns}


def registry_bounds(registry: Registry) -> dict[str, Bornes]:
    """Every canonical mesure → its bounds, which are the same in all its sources."""
    return {m: b for s in registry.sources.values() for m, b in source_bounds(s).items()}


def promise(column: Colonne) -> str:
    """What every column of a mesure says alike: its type, and its bounds where it has its own."""
    return column.type if column.bornes is None else f"{column.type} ({in_words(column.bornes)})"
