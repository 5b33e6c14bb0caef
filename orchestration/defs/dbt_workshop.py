"""What dbt's connection needs before it attaches a workshop: extensions, key. Imported by dbt."""

from __future__ import annotations

import os
from pathlib import Path

from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb import DuckDBPyConnection

from warehouse.release.build_database import workshop_of
from warehouse.release.ducklake import prepare


class Plugin(BasePlugin):
    """As dbt-duckdb finds it: by the name of its module and its own."""

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        workshop = workshop_of(Path(os.environ["QPV_WAREHOUSE"]))
        assert workshop, "la cible « atelier » sans atelier"
        prepare(conn, workshop)
