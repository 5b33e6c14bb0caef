"""The rows of a Parquet as text, within bounds. Knows no header: the first row is its names."""

from __future__ import annotations

import io

from ingest.limits import Limites
from ingest.table_bounds import refuse_cells, refuse_text
from ingest.workbooks import typed_text

_BATCH = 1 << 16


def parquet_rows(content: bytes, where: str, limites: Limites) -> list[list[str]]:
    """Names of the columns, then rows; judged by the footer, then as they are read.

    Raises:
        QpvError: too many rows or cells, or texts too heavy once each row has its own.
        Exception: whatever pyarrow meets in bytes that are damaged.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(io.BytesIO(content))
    names = file.schema_arrow.names
    groups = [file.metadata.row_group(n) for n in range(file.metadata.num_row_groups)]
    said = sum(max(0, group.num_rows) for group in groups)
    refuse_cells(where, max(file.metadata.num_rows, said), len(names), limites)
    for group in groups:
        for column in range(group.num_columns):
            refuse_cells(where, 1, group.column(column).num_values, limites)
    refuse_text(where, sum(group.total_byte_size for group in groups), limites)
    # A text that a page holds once stays held once until it is known how often it comes.
    texts = [f.name for f in file.schema_arrow if _is_text(f.type)]
    file = pq.ParquetFile(io.BytesIO(content), read_dictionary=texts)
    rows, weight = [list(names)], 0
    for batch in file.iter_batches(batch_size=_BATCH):
        refuse_cells(where, len(rows) - 1 + len(batch), len(names), limites)
        for column in batch.columns:
            if pa.types.is_dictionary(column.type) and _is_text(column.type.value_type):
                lengths = pc.binary_length(column.dictionary)
                weight += pc.sum(pc.take(lengths, column.indices)).as_py() or 0
        refuse_text(where, weight, limites)
        columns = [map(typed_text, column.to_pylist()) for column in batch.columns]
        rows.extend(map(list, zip(*columns, strict=True)))
    return rows


def _is_text(kind: object) -> bool:
    import pyarrow as pa

    return (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )
