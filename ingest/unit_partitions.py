"""Files of units as a cluster reads them: typed Parquet, a partition per millésime."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import duckdb

from ingest.micro import MicroFile, micro_view, selected
from ingest.registry import Source
from ingest.unit_forms import quoted
from ingest.unit_judgement import connection, unreadable


def partitioned_view(source: Source, files: list[MicroFile], folder: Path, *, shared: bool) -> str:
    """As `micro_view`, over partitions that are written where they are not there yet.

    A partition is named by what its rows are: the file's content, and how each column is read.

    Args:
        folder: where the partitions of every source lie.
        shared: readable by the group that the folder is of: workers are somebody else's.
    """
    if not files:
        return micro_view(source, files)
    paths = [_partition(source, file, folder / source.id, shared) for file in files]
    listed = ", ".join(quoted(str(path)) for path in paths)
    options = "hive_partitioning = true, hive_types = {'millesime': varchar}"
    return f"select * from read_parquet([{listed}], {options})"


def _partition(source: Source, file: MicroFile, folder: Path, shared: bool) -> Path:
    query, place = selected(source, file)
    name = sha256(query.replace(place, "").encode()).hexdigest()[:32]
    path = folder / f"millesime={file.millesime}" / f"{name}.parquet"
    if path.is_file():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with connection() as con:
            con.execute(
                f"copy (select * exclude (millesime) from ({query})) to {quoted(str(draft))} "
                "(format parquet, compression zstd, row_group_size 500000)"
            )
    except duckdb.Error as error:
        draft.unlink(missing_ok=True)
        raise unreadable(file.nom, error) from error
    if shared:
        draft.chmod(0o640)
        path.parent.chmod(0o750)
        path.parent.parent.chmod(0o750)
    draft.replace(path)
    return path
