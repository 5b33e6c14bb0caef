"""A request to stop, written down by the system: a library that swallows it cannot lose it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

#: Where the numbers of the signals received are read; a list, empty outside of a run.
_ears: list[int] = []
#: The requests to stop that this run has had.
_requests: set[int] = set()


@contextmanager
def heard() -> Iterator[None]:
    """Within, every signal is written down, whichever handler then takes it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ear, mouth = os.pipe()
    os.set_blocking(ear, False)
    os.set_blocking(mouth, False)
    before = signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
    _ears.append(ear)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        _ears.remove(ear)
        _requests.clear()
        os.close(ear)
        os.close(mouth)


def was_asked() -> bool:
    """Whether somebody asked this run to stop, obeyed or not."""
    for ear in _ears:
        try:
            received = os.read(ear, 4096)
        except BlockingIOError:
            continue
        _requests.update({signal.SIGINT, signal.SIGTERM}.intersection(received))
    return bool(_requests)


def stop_if_asked() -> None:
    """Stop here if somebody asked to, and was not obeyed.

    Raises:
        DagsterExecutionInterruptedError: what Dagster itself raises of such a request.
    """
    if was_asked():
        raise dg.DagsterExecutionInterruptedError
