"""Lines added to a file of the registry, in place: what people wrote there stays as it is."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.registry import load_registry
from warehouse.base.errors import QpvError
from warehouse.base.layout import SOURCES_DIR
from warehouse.base.whole_files import write_whole_text


def add_millesime(source_id: str, lines: Sequence[str], folder: Path = SOURCES_DIR) -> Path:
    """Add an entry at the end of `millesimes` of a source, once the whole registry loads with it.

    Raises:
        QpvError: the file's `millesimes` are not a block of lines, or the registry with the new
            entry is refused; nothing is written.
    """
    path = folder / f"{source_id}.yml"
    text = _with_entry(path.read_text(encoding="utf-8"), lines, path)
    with TemporaryDirectory() as scratch:
        tried = Path(scratch)
        for other in folder.glob("*.y*ml"):
            shutil.copyfile(other, tried / other.name)
        (tried / path.name).write_text(text, encoding="utf-8")
        load_registry(tried)
    write_whole_text(path, text, path.stat().st_mode & 0o777)
    return path


def _with_entry(text: str, lines: Sequence[str], path: Path) -> str:
    rows = text.splitlines()
    starts = [at for at, row in enumerate(rows) if row.rstrip() == "millesimes:"]
    if len(starts) != 1:
        raise QpvError(
            "les millésimes de ce fichier ne sont pas écrits un par un",
            ou=f"{path.name}, clé millesimes",
            faire="y mettre à la main les lignes proposées",
        )
    end = starts[0]
    for at in range(starts[0] + 1, len(rows)):
        if rows[at].strip() and not rows[at][0].isspace() and not rows[at].startswith("#"):
            break
        if rows[at].strip() and not rows[at].lstrip().startswith("#"):
            end = at
    return "\n".join([*rows[: end + 1], *lines, *rows[end + 1 :]]) + "\n"
