"""`from warehouse import connect`: a release of a data folder, or of the lake."""

from __future__ import annotations

import os

import duckdb

from warehouse.base.layout import Layout
from warehouse.lake.access import NOM
from warehouse.lake.releases import connect_lake
from warehouse.release.connect import connect as connect_folder
from warehouse.release.connect import open_release
from warehouse.release.withdrawal import find_release


def connect(
    data: str | os.PathLike[str] | None = None, publication: str | None = None
) -> duckdb.DuckDBPyConnection:
    """A release, read-only: `from warehouse import connect; connect().sql(...)`.

    Args:
        data: a data folder, `QPV_DATA` or `./data` unless said; `"lac"` for the lake that `QPV_LAC`
            and `QPV_LAC_DONNEES` say (a folder of that name is read as `./lac`).
        publication: its identifier, or the start of it; the latest unless said.

    Raises:
        QpvError: no release there, none or several of that name, or a lake out of reach.
    """
    if data == NOM:
        return connect_lake(publication)
    if publication is None:
        return connect_folder(data)
    return open_release(find_release(Layout.resolve(data), publication))
