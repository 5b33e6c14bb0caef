"""The communes that a file says its figures are about: landed apart, evidence, never figures."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ingest.file_parts import Partie
from ingest.header_names import fill
from ingest.keys import territories
from ingest.readers import RawTable
from ingest.registry import Registry, Source
from warehouse.base.text_tables import header_key

COMMUNES_SCHEMA = pa.schema(
    [
        ("code_territoire", pa.string()),
        ("bloc", pa.string()),
        ("liste", pa.string()),
        ("geographie", pa.string()),
        ("source_id", pa.string()),
        ("millesime", pa.string()),
    ]
)


def about_communes(registry: Registry) -> set[str]:
    """The mesures that are about the communes of a quarter, not about it."""
    return {
        column.mesure
        for source in registry.sources.values()
        for bloc in source.blocs.values()
        for column in bloc.colonnes
        if column.territoire == "communes"
    }


def subject_rows(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    codes_qpv: frozenset[str] | None,
) -> Iterator[dict]:
    """The filled cells of the lists of communes that this file has; `COMMUNES_SCHEMA` rows."""
    where = raw.positions()
    lists = {
        name: header_key(fill(bloc.communes.liste, millesime))
        for name, bloc in source.blocs.items()
        if bloc.communes and source.millesimes[millesime].periodes_of(name)
    }
    said = [(name, where[header]) for name, header in lists.items() if header in where]
    if not said:
        return
    for _, code, cells in territories(source, millesime, partie, raw, codes_qpv):
        for name, at in said:
            if cells[at].strip():
                yield {
                    "code_territoire": code,
                    "bloc": name,
                    "liste": cells[at].strip(),
                    "geographie": source.millesimes[millesime].geographie,
                    "source_id": source.id,
                    "millesime": millesime,
                }
