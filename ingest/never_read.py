"""Mesures that no file read so far holds: their columns are those that documents announce."""

from __future__ import annotations

from ingest.registry import Registry


def never_read(registry: Registry) -> dict[str, list[str]]:
    """Mesure → the titles of the sources that would give it, where no header with it was seen."""
    read = {
        column.mesure
        for source in registry.sources.values()
        for millesime in source.millesimes
        if not source.is_unseen(millesime)
        for bloc in source.blocs
        for column, _, _ in source.columns_of(bloc, millesime)
    }
    return {
        mesure: [s.titre for s in registry.sources.values() if mesure in s.mesures]
        for mesure in registry.mesures
        if mesure not in read
    }
