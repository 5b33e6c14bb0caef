"""Work shared between two processes, as long as it is worth a second one. Does no work itself."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from warehouse.base.errors import QpvError

PROCESSUS = 2

T = TypeVar("T")
R = TypeVar("R")


def coeurs() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def share_out(faire: Callable[[T], R], lots: Sequence[T], quoi: str) -> Iterator[R]:
    """What `faire` gives of each lot, in order, made in two processes that share the lots.

    Args:
        faire: a function that a new process can import, with what it needs bound to it.
        quoi: what is made, for the error.

    Raises:
        QpvError: the one that a lot met, or a process that stopped before its end. The lots that
            were not begun are not made.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(PROCESSUS, mp_context=context, initializer=_die_with_parent)
    try:
        yield from pool.map(faire, lots)
    except BrokenProcessPool as error:
        raise QpvError(
            f"un processus s'est arrêté avant la fin ({quoi})",
            attendu="deux processus vivants jusqu'au bout ; le système en a peut-être arrêté un "
            "faute de mémoire",
            faire="libérer de la mémoire et relancer la commande",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _die_with_parent() -> None:
    """A killed parent closes nothing: without this its children would wait for work for ever."""

    parent = multiprocessing.parent_process()
    assert parent is not None  # only a child runs this

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
