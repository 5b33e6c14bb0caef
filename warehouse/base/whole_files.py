"""A text file that takes the place of another whole, or not at all, whatever stops its writer."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole_text(path: Path, text: str, mode: int | None = None) -> None:
    """Written beside, sent to disk, then put in place by one rename.

    One writer at a time: a second one would write the same file beside.

    Args:
        mode: its rights; those of a new file where None.

    Raises:
        OSError: the file system refused; what was at `path` stands.
    """
    beside = path.with_name(f".{path.name}.tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        if mode is not None:
            beside.chmod(mode)
        sync(beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """To disk: a rename that survives a power cut must not name half-written files."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
