"""What a person names by an identifier, or by the start of it. Refuses nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def by_name(there: Sequence[T], wanted: str, name: Callable[[T], str]) -> list[T]:
    """The one of that very name, else all those whose name begins so; none for an empty one."""
    if not wanted:
        return []
    exact = [one for one in there if name(one) == wanted]
    return exact or [one for one in there if name(one).startswith(wanted)]
