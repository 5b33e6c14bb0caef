"""The dbt command as a child that dies with its run: an orphan would write in the next one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys

from orchestration.defs.speed import parsed_project, without_unheard_events
from warehouse.base.memory import kept, search_rarely

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Entry point of `qpv-dbt`: ask Linux for a kill when the parent dies, then run dbt."""
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)
    with kept():
        from dbt.cli.main import dbtRunner

        runner = dbtRunner(manifest=parsed_project())
        without_unheard_events()
    search_rarely()
    done = runner.invoke(sys.argv[1:])
    if done.exception:
        print(done.exception, file=sys.stderr)
    raise SystemExit(0 if done.success else 2 if done.exception else 1)
