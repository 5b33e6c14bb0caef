"""A request to stop that a library swallows is obeyed at the next step."""

from __future__ import annotations

import os
import signal

import dagster as dg
import pytest

from orchestration.interruption import heard, stop_if_asked, was_asked


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_swallowed_request_stops_the_next_step(by: signal.Signals) -> None:
    before = signal.signal(by, lambda *_: None)
    try:
        with heard():
            stop_if_asked()
            os.kill(os.getpid(), by)
            with pytest.raises(dg.DagsterExecutionInterruptedError):
                stop_if_asked()
            # What breaks afterwards, in the run's history, is still the stop.
            assert was_asked()
        assert not was_asked()
        stop_if_asked()
    finally:
        signal.signal(by, before)
    assert signal.set_wakeup_fd(-1) == -1, "nothing listens after the run"
