"""The dbt command as a child that dies with its run: an orphan would write in the next one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.base.memory import kept, search_rarely

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_PR_SET_PDEATHSIG = 1
#: Path of the project as its parent parsed it; without it, dbt parses by itself.
PARSED = "QPV_DBT_PARSED"


def main() -> None:
    """Entry point of `qpv-dbt`: ask Linux for a kill when the parent dies, then run dbt."""
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)
    with kept():
        from dbt.cli.main import dbtRunner

        runner = dbtRunner(manifest=_parsed())
    search_rarely()
    done = runner.invoke(sys.argv[1:])
    if done.exception:
        print(done.exception, file=sys.stderr)
    raise SystemExit(0 if done.success else 2 if done.exception else 1)


def _parsed() -> Manifest | None:
    """The parsed project, or None: dbt itself reads it again for each new database path (4 s)."""
    path = os.environ.get(PARSED)
    if path is None:
        return None
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        return Manifest.from_msgpack(Path(path).read_bytes(), decoder=extended_mashumuro_decoder)
    except Exception:  # of another dbt, or half written: dbt parses, and says what is wrong
        return None
