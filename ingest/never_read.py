"""What documents announce and no file read so far holds: mesures, and levels of territory."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.registry import Registry, Source
from warehouse.domain.types_territoire import levels, types_territoire, wholes


def never_read(registry: Registry) -> dict[str, list[str]]:
    """Mesure → the titles of the sources that would give it, where no header with it was seen."""
    read = {mesure for mesure, _ in _read(registry)}
    return {
        mesure: [s.titre for s in registry.sources.values() if mesure in s.mesures]
        for mesure in registry.mesures
        if mesure not in read
    }


def levels_never_read(registry: Registry) -> dict[str, dict[str, list[str]]]:
    """Mesure → title of a source → the territories that it alone would give, in words.

    Those that a producer says to be in the delivery of a file, and those of files to come; less
    those for which another file was read.
    """
    read = set(_read(registry))
    found: dict[str, dict[str, list[str]]] = {}
    for source in registry.sources.values():
        for mesure in source.mesures:
            told = [level for level in _told(source) if (mesure, level) not in read]
            if told:
                words = [types_territoire()[level].libelle.split(",")[0] for level in told]
                found.setdefault(mesure, {})[source.titre] = words
    return found


def _read(registry: Registry) -> Iterator[tuple[str, str]]:
    """(mesure, type of territory, if its files hold all of one) of the columns that were seen."""
    for source in registry.sources.values():
        for millesime in source.millesimes:
            if source.is_unseen(millesime):
                continue
            keys = {partie.cle for partie in source.parts_of(millesime)}
            kinds = [t for t, one in types_territoire().items() if keys & {*one.cles}] or [""]
            for bloc in source.blocs:
                for column, _, _ in source.columns_of(bloc, millesime):
                    yield from ((column.mesure, level) for level in kinds)


def _told(source: Source) -> list[str]:
    if source.autres_niveaux:
        return source.autres_niveaux.niveaux
    unseen = source.lands_cells and all(map(source.is_unseen, source.millesimes))
    keys = {partie.cle for partie in source.parties} if unseen else set()
    return [level for level in wholes() if any(level in levels(cle) for cle in keys)]
