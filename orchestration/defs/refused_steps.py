"""Why a run stopped, in the words of what refused: for Dagster's pages, a command and a message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any

import dagster as dg
import duckdb

from quality.disclosure.refused import DisclosureError
from warehouse.base.errors import QpvError
from warehouse.release.build_database import workshop_away, workshops_of_environment

#: Errors that come from the machine, by class: memory, permissions, files.
_SYSTEM = ("OSError", "PermissionError", "IOException", "OutOfMemoryException", "MemoryError")
#: The same in whatever class, by the words of the system, of DuckDB and of dbt.
MACHINE = re.compile(
    r"No space left|Disk quota|Out of Memory|failed to offload|Cannot allocate memory|"
    r"Could not write|Failed to write|File too large|Read-only file system|Too many open files",
    re.IGNORECASE,
)


def refusable(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same step; Dagster shows the paragraph of what it refuses first, and tries it once."""
    if isgeneratorfunction(work):

        @wraps(work)
        def said_of_each(*args: object, **kwargs: object) -> Iterator[Any]:
            with _paragraph_first():
                yield from work(*args, **kwargs)

        return said_of_each

    @wraps(work)
    def said(*args: object, **kwargs: object) -> Any:
        with _paragraph_first():
            return work(*args, **kwargs)

    return said


@contextmanager
def _paragraph_first() -> Iterator[None]:
    try:
        yield
    except (QpvError, DisclosureError) as refusal:
        # Without its cause: Dagster keeps causes in its history.
        raise dg.Failure(str(refusal), allow_retries=False) from None
    except duckdb.Error as error:
        if workshops_of_environment() and (told := workshop_away(str(error))):
            raise dg.Failure(str(told), allow_retries=False) from None
        raise


def why_stopped(checks: Iterable[Any], errors: Iterable[Any]) -> BaseException:
    """Why a run stopped: a door's failures, or the first step's own words.

    A dbt test says nothing as a check: its step names it, with how many rows fail.

    Args:
        checks: evaluations of asset checks. errors: those of the events of the run, in order.
    """
    for check in checks:
        if not check.passed and check.blocking and check.description:
            return QpvError(
                f"la porte {check.check_name} refuse : {check.description}",
                ou="/".join(check.asset_key.path),
                faire="corriger le fichier, le registre ou le dictionnaire, puis relancer",
            )
    names = _refusals()
    for first in errors:
        error, whole = first, first.to_string()
        while error is not None:
            if error.cls_name in names:
                return QpvError(error.message.split(": ", 1)[-1].strip())
            if error.cls_name == dg.DagsterExecutionInterruptedError.__name__:
                return KeyboardInterrupt()
            if error.cls_name in _SYSTEM or MACHINE.search(error.message):
                return machine_refusal(error.message.splitlines()[0])
            error = error.cause
        return RuntimeError(whole)
    return RuntimeError("le graphe s'est arrêté sans dire pourquoi")


def machine_refusal(said: str) -> QpvError:
    """What to do where the machine refuses: its disk, its memory or its rights."""
    return QpvError(
        f"le système refuse : {said}",
        faire="vérifier l'espace disque, la mémoire et les droits ; la publication précédente "
        "reste en place",
    )


def _refusals() -> set[str]:
    """The names of what refuses: Dagster keeps an error's name alone."""
    found, kinds = {dg.Failure.__name__, DisclosureError.__name__}, [QpvError]
    for kind in kinds:
        found.add(kind.__name__)
        kinds += kind.__subclasses__()
    return found
