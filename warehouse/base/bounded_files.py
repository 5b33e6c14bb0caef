"""A file that somebody gives: read only when it is a regular file, no heavier than a bound."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from warehouse.base.errors import QpvError

#: The unit of every bound on bytes, in bytes.
MO = 1_000_000


@contextmanager
def opened(path: Path, most: int) -> Iterator[BinaryIO]:
    """A regular file of at most `most` bytes, open for reading.

    Raises:
        QpvError: it is a pipe, a device or a folder, or it is heavier.
        OSError: it cannot be read.
    """
    # A pipe without a writer would block an ordinary opening for ever.
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        seen = os.fstat(file)
        if not stat.S_ISREG(seen.st_mode):
            raise QpvError(
                f"{path.name} n'est pas un fichier ordinaire ({_kind(seen.st_mode)})",
                ou=str(path),
                attendu="un fichier ordinaire",
                faire="copier son contenu dans un fichier, et donner ce fichier",
            )
        if seen.st_size > most:
            raise too_heavy(path, seen.st_size, most)
        with open(file, "rb", closefd=False) as content:
            yield content
    finally:
        os.close(file)


def read_bounded(path: Path, most: int) -> bytes:
    """The bytes of a regular file, `most` of them at most.

    Raises:
        QpvError: it is no regular file, or it is heavier.
        OSError: it cannot be read.
    """
    with opened(path, most) as content:
        # What grows under our eyes, and what the system makes up, say no size beforehand.
        read = content.read(most + 1)
    if len(read) > most:
        raise too_heavy(path, len(read), most)
    return read


def too_heavy(path: Path, octets: int, most: int) -> QpvError:
    """The refusal of a local file that is heavier than its bound, both in bytes."""
    return QpvError(
        f"{path.name} est trop lourd : {said(octets)}",
        ou=str(path),
        attendu=f"au plus {said(most)}",
        faire="vérifier que c'est le bon fichier",
    )


def said(octets: int) -> str:
    """A size as messages say it: in Mo, rounded so that it is never below what it is."""
    return f"{-(-octets // MO)} Mo"


def _kind(mode: int) -> str:
    kinds = {
        stat.S_ISDIR: "un dossier",
        stat.S_ISFIFO: "un tube nommé",
        stat.S_ISSOCK: "une prise réseau",
    }
    return next((word for test, word in kinds.items() if test(mode)), "un périphérique")
