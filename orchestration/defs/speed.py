"""What is private to Dagster, dagster-dbt and dbt, replaced or read for speed: all in this file.

Each figure was measured on the sample, in seconds of processor, two cores shared. Were a name to
change there, a run would be slower, and nothing else; a test says which names are still theirs.
Imported by dbt's own process: whatever is heavy is imported where it serves.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.version import Version

if TYPE_CHECKING:
    from dagster import DagsterInstance
    from dagster_dbt import DbtCliResource
    from dbt.contracts.graph.manifest import Manifest

#: Path of the project as its parent parsed it; without it, dbt parses by itself.
PARSED = "QPV_DBT_PARSED"


def unasked(resource: type[DbtCliResource]) -> type[DbtCliResource]:
    """dbt of this environment, without what dagster-dbt asks of it at each run for no use here."""

    class Dbt(resource):  # type: ignore[misc, valid-type]
        @cached_property
        def _cli_version(self) -> Version:
            """1.8 s: `dbt --version` starts dbt, which asks PyPI; what is installed says it too."""
            return Version(metadata.version("dbt-core"))

        def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:
            """1.4 s: a second adapter in this process, to fetch row counts and columns.

            dagster-dbt goes on with None when its own fails.
            """

    return Dbt


#: What `remembering` replaces or reads of the history that Dagster holds in memory.
HISTORY = ("_connect", "_db_lock", "_has_asset_key_col_on_connection", "_held_conn", "has_table")


def remembering(instance: DagsterInstance) -> DagsterInstance:
    """3 s: a history in memory opens a connection for each question, six thousand times, and
    asks each time which tables and columns it has. One is open, and they never change."""
    events: Any = instance.event_log_storage
    if not all(hasattr(events, name) for name in HISTORY):
        return instance
    opened, asked = events._connect, events._has_asset_key_col_on_connection
    thread, columns = threading.get_ident(), dict[str, bool]()

    @contextmanager
    def _connect() -> Iterator[Any]:
        if threading.get_ident() != thread:  # a connection of SQLite serves its own thread alone
            with opened() as connection:
                yield connection
        else:
            with events._db_lock, events._held_conn.begin():
                yield events._held_conn

    def _has_column(connection: Any, name: str) -> bool:
        if name not in columns:
            columns[name] = asked(connection, name)
        return columns[name]

    vars(events).update(
        _connect=_connect,
        _has_asset_key_col_on_connection=_has_column,
        has_table=cache(events.has_table),
    )
    return instance


def parsed_project() -> Manifest | None:
    """2.6 s: dbt reads the project again for each new path of a database; what its parent parsed
    is the same. None where there is none: dbt then parses."""
    path = os.environ.get(PARSED)
    if path is None:
        return None
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        return Manifest.from_msgpack(Path(path).read_bytes(), decoder=extended_mashumuro_decoder)
    except Exception:  # of another dbt, or half written: dbt parses, and says what is wrong
        return None


def without_unheard_events() -> None:
    """3.5 s: dbt makes a message of each of its six thousand debug events, and writes it as JSON,
    before it asks whether a log takes that level. Those of a level that none takes are not made."""
    from dbt_common.events.base_types import BaseEvent, EventLevel
    from dbt_common.events.event_manager import EventManager

    fire = EventManager.fire_event

    def tell_if_heard(
        self: EventManager, e: BaseEvent, level: EventLevel | None = None, *rest: Any, **more: Any
    ) -> None:
        unheard = all(log.level is not EventLevel.DEBUG for log in self.loggers)
        if not (unheard and (level or e.level_tag()) is EventLevel.DEBUG):
            fire(self, e, level, *rest, **more)

    EventManager.fire_event = tell_if_heard  # type: ignore[method-assign]
