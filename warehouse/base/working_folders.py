"""The working folders of a data folder: closed to others, and cleared of what killed runs left."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.base.errors import QpvError
from warehouse.base.layout import Layout


@contextmanager
def private(layout: Layout) -> Iterator[None]:
    """What is written meanwhile, but releases, is read by its owner alone, temporary files too.

    The caller holds the data folder: what an earlier run left under way is nobody's.

    Raises:
        QpvError: a working folder is open to others and belongs to somebody else.
    """
    if tempfile.tempdir == str(layout.temporary):  # a command's run, inside the command
        yield
        return
    layout.releases.mkdir(parents=True, exist_ok=True)
    before = os.umask(0o077)
    around = tempfile.tempdir, os.environ.get("TMPDIR")
    try:
        for folder in _closed(layout):
            _close(folder)
        _clear(layout)
        layout.temporary.mkdir(parents=True)
        tempfile.tempdir = os.environ["TMPDIR"] = str(layout.temporary)
        yield
    finally:
        os.umask(before)
        tempfile.tempdir = around[0]
        if around[1] is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = around[1]
        shutil.rmtree(layout.temporary, ignore_errors=True)


def close_tree(folder: Path) -> None:
    """A whole folder for its owner alone, who keeps the rights he had."""
    for place, folders, names in os.walk(folder):
        for path in (Path(place) / name for name in [*folders, *names]):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o700)
    folder.chmod(folder.stat().st_mode & 0o700)


def _closed(layout: Layout) -> tuple[Path, ...]:
    return (layout.archive, layout.landing, layout.build, layout.withdrawn, layout.drafts,
            layout.watch, layout.messages, layout.lists, layout.units,
            layout.unit_counts)  # fmt: skip


def _close(folder: Path) -> None:
    if not folder.is_dir() or not folder.stat().st_mode & 0o077:
        return
    try:
        close_tree(folder)
    except OSError as error:
        raise QpvError(
            f"un dossier de travail est ouvert à d'autres et ne peut être fermé : {error.strerror}",
            ou=str(folder),
            attendu="un dossier que son propriétaire est seul à lire (mode 0700)",
            faire="le faire fermer par son propriétaire, ou choisir un autre dossier avec --data",
        ) from error


def _clear(layout: Layout) -> None:
    shutil.rmtree(layout.temporary, ignore_errors=True)
    for pattern in ("archive/partial/local-*.tmp", "archive/urls/*.tmp", "landing/*/*.tmp"):
        for left in layout.root.glob(pattern):
            left.unlink(missing_ok=True)
