"""A file that takes the place of another whole, or not at all, whatever stops its writer."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """Written beside, sent to disk, then put in place by one rename.

    One writer at a time: a second one would write the same file beside.

    Args:
        mode: its rights, from its first byte on; those of a new file where None.

    Raises:
        OSError: the file system refused; what was at `path` stands.
    """
    beside = path.with_name(f".{path.name}.tmp")
    # What a killed writer left may be readable by others: its rights are not taken over.
    beside.unlink(missing_ok=True)
    try:
        rights = 0o666 if mode is None else mode
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights)
        with os.fdopen(number, "wb") as out:
            if mode is not None:
                os.fchmod(number, mode)
            yield out
        sync(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_whole_text(path: Path, text: str, mode: int | None = None) -> None:
    """`whole_file`, of a text.

    Raises:
        OSError: the file system refused; what was at `path` stands.
    """
    with whole_file(path, mode) as out:
        out.write(text.encode("utf-8"))


def sync(path: Path) -> None:
    """To disk: a rename that survives a power cut must not name half-written files."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
