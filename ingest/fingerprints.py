"""What locks know of files: what is smaller than a known one and begins alike is a cut copy of it.

A sha256 says that a file is the known one, never that it is the beginning of it. A lock therefore
keeps the sha256 of each block too, shortened: a few hundred bytes, from which no row comes back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.archive import ArchivedFile
from warehouse.base.errors import QpvError
from warehouse.base.layout import LOCKS_DIR

#: Blocks of a fingerprint, at most; a file cut in its last block is recognised by the others.
BLOCKS = 128
#: Smallest block, in bytes; hexadecimal digits kept of each sha256.
SMALLEST, DIGITS = 64, 8


def read_lock(source_id: str, folder: Path = LOCKS_DIR) -> dict[str, dict]:
    """Millésime → its entry; {} for a source without lock.

    Raises:
        QpvError: a lock that is no JSON.
    """
    path = folder / f"{source_id}.json"
    if not path.is_file():
        return {}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise QpvError(
            f"le verrou ne se lit pas : {error}",
            ou=str(path),
            faire="le reprendre du dépôt, ou le supprimer et relancer `qpv lock`",
        ) from error


def fingerprint(path: Path) -> dict[str, int | str]:
    """`pas`: bytes of a block, a power of two; `blocs`: the digits of whole blocks, in order."""
    step = SMALLEST
    while path.stat().st_size > step * BLOCKS:
        step *= 2
    return {"pas": step, "blocs": "".join(_digits(path, step))}


def is_cut_copy(path: Path, known: Mapping[str, int | str]) -> bool:
    """Whether a file is the beginning of the known one.

    Args:
        known: `octets`, `pas` and `blocs` of a lock; without blocks nothing is concluded, nor of
            a file that has no whole block.
    """
    if "blocs" not in known or path.stat().st_size >= int(known["octets"]):
        return False
    blocks, seen = str(known["blocs"]), 0
    for digits in _digits(path, int(known["pas"])):
        if blocks[seen : seen + DIGITS] != digits:
            return False
        seen += DIGITS
    return seen > 0


def known_contents(source_id: str, locks: Path = LOCKS_DIR) -> frozenset[str]:
    """The sha256 of each file that the lock of a source knows."""
    entries = read_lock(source_id, locks).values()
    return frozenset(f["sha256"] for entry in entries for f in entry["fichiers"].values())


def refuse_cut_copy(source_id: str, file: ArchivedFile, locks: Path = LOCKS_DIR) -> None:
    """Stop at a file that is the beginning of one that the lock of its source knows.

    Raises:
        QpvError: names the file, both sizes, and where the known one is written.
    """
    if file.sha256 in known_contents(source_id, locks):
        return
    for millesime, entry in read_lock(source_id, locks).items():
        for nom, known in entry["fichiers"].items():
            if is_cut_copy(file.path, known):
                raise QpvError(
                    f"le fichier {file.nom} est coupé : ses {file.octets} octets sont le début de "
                    f"{nom}, qui en a {known['octets']}",
                    ou=f"fichier {file.origine}, source {source_id} ; ingest/locks/"
                    f"{source_id}.json, millésime {millesime}",
                    attendu=f"le fichier entier (sha256 {known['sha256'][:12]})",
                    faire="le reprendre chez le producteur ; s'il l'a vraiment raccourci, ôter "
                    "cette entrée du verrou",
                )


def _digits(path: Path, step: int) -> Iterator[str]:
    """The digits of each whole block."""
    with path.open("rb") as file:
        while len(block := file.read(step)) == step:
            yield hashlib.sha256(block).hexdigest()[:DIGITS]
