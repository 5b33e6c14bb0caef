"""The dbt command as a child that dies with its run: an orphan would write in the next one."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Entry point of `qpv-dbt`: ask Linux for a kill when the parent dies, then run dbt."""
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)
    from dbt.cli.main import cli

    cli()
