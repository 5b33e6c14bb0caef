"""Columns in which a producer speaks of other periods: landed apart, evidence, never figures."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from ingest.cells import read_number
from ingest.column_habits import column_habit
from ingest.file_parts import Partie
from ingest.keys import territories
from ingest.readers import RawTable
from ingest.registry import Source
from ingest.values import ColumnReading
from warehouse.base.text_tables import header_key
from warehouse.domain.producteur import CODE

TEMOINS_SCHEMA = pa.schema(
    [
        ("code_territoire", pa.string()),
        ("bloc", pa.string()),
        ("periode", pa.string()),
        ("mesure", pa.string()),
        ("nature", pa.string()),
        ("annees", pa.int32()),
        ("entete", pa.string()),
        ("valeur", pa.float64()),
        ("source_id", pa.string()),
        ("millesime", pa.string()),
    ]
)


def witness_cells(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    codes_qpv: frozenset[str] | None,
) -> Iterator[dict]:
    """The filled cells of the witness columns that this file has; `TEMOINS_SCHEMA` rows.

    Raises:
        QpvError: a cell that is no number.
    """
    where = raw.positions()
    said = [
        (bloc, temoin, header, periode, where[header_key(header)])
        for bloc in source.millesimes[millesime].periodes
        for temoin, header, periode in source.witnesses_of(bloc, millesime)
        if header_key(header) in where
    ]
    if not said:
        return
    habits = {at: column_habit(raw, at) for *_, at in said}
    for number, code, cells in territories(source, millesime, partie, raw, codes_qpv):
        if code == CODE:  # rounded levels beside an evolution of exact ones prove nothing
            continue
        for bloc, temoin, header, periode, at in said:
            reading = ColumnReading("indice", habit=habits[at])
            valeur, _, _ = read_number(cells[at], reading, raw, number, header)
            if valeur is not None:
                yield {
                    "code_territoire": code,
                    "bloc": bloc,
                    "periode": periode,
                    "mesure": temoin.mesure,
                    "nature": temoin.nature,
                    "annees": temoin.annees,
                    "entete": header,
                    "valeur": valeur,
                    "source_id": source.id,
                    "millesime": millesime,
                }
