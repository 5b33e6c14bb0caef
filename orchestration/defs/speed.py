"""What is private to dagster-dbt and dbt, and replaced or read for speed: all of it, in this file.

Each figure was measured on the sample, in seconds of processor, two cores shared. Were a name to
change there, a run would be slower, and nothing else; a test says which names are still theirs.
Imported by dbt's own process: whatever is heavy is imported where it serves.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.version import Version

if TYPE_CHECKING:
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
