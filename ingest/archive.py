"""The content-addressed archive of official files: nothing unchecked ever enters it.

Below the archive folder: `objects/<aa>/<sha256>` (bytes, mode 0400), `urls/<sha256(url)>.json`
(what the URL gave last time) and `partial/` (downloads under way, one lock per URL).
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from ingest.contents import BLOC, check_content, fin_prouvee, require_format
from ingest.limits import TABLES, Limites, require_space
from warehouse.base.bounded_files import opened, too_heavy
from warehouse.base.errors import QpvError


@dataclass(frozen=True)
class ArchivedFile:
    """One official file in the archive: its bytes, and where and when they came from."""

    path: Path  # archive/objects/<aa>/<sha256>, never changed once written
    sha256: str
    octets: int
    nom: str  # the official file name
    origine: str  # the URL, or the local file's name
    obtenu_le: str  # ISO UTC instant of the download (of the archiving for a local file)
    etag: str | None
    inchange: bool  # the server said 304, or the archive already held these bytes
    preuve: str = ""  # what proves that no byte is missing, in French; empty when nothing does


def archive_local(
    path: Path, *, archive: Path, attendu: str, limites: Limites = TABLES
) -> ArchivedFile:
    """Copy a file downloaded by hand into the archive, after the same content checks.

    Raises:
        QpvError: file missing, unreadable, heavier than `limites`, no regular file, or not of the
            format `attendu`; or no room on the disk for its copy.
    """
    require_format(attendu)
    if not path.exists():
        raise QpvError(f"Fichier introuvable : {path.name}", ou=str(path))
    tmp = archive / "partial" / f"local-{uuid4().hex}.tmp"
    with disque(archive):
        tmp.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy(path, tmp, limites.octets)
            check_content(tmp, attendu, str(path), "fichier local")
            objet, sha, taille, deja = store(tmp, archive)
        finally:
            tmp.unlink(missing_ok=True)
    le = datetime.now(UTC).isoformat(timespec="seconds")
    preuve = fin_prouvee(objet, attendu)
    return ArchivedFile(objet, sha, taille, path.name, path.name, le, None, deja, preuve)


def _copy(path: Path, tmp: Path, most: int) -> None:
    """Copy a regular file of at most `most` bytes, which may grow meanwhile."""
    with opened(path, most) as entree, tmp.open("wb") as sortie:
        taille = os.fstat(entree.fileno()).st_size
        if not taille:  # nothing in it, or what the system makes up as it is read (/proc)
            raise QpvError(f"{path.name} est vide", ou=str(path), attendu="un fichier de données")
        require_space(tmp.parent, taille)
        copies = 0
        while bloc := entree.read(BLOC):
            copies += len(bloc)
            if copies > most:
                raise too_heavy(path, copies, most)
            sortie.write(bloc)


def emplacements(archive: Path, url: str) -> tuple[Path, Path]:
    """Where the download of `url` goes while under way, and where its memory is kept."""
    cle = hashlib.sha256(url.encode()).hexdigest()
    return archive / "partial" / f"{cle}.part", archive / "urls" / f"{cle}.json"


@contextmanager
def disque(archive: Path) -> Iterator[None]:
    """Turn what the file system refuses into a QpvError."""
    try:
        yield
    except OSError as e:
        plein = e.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        quoi, faire = (
            f"Fichier inaccessible ({e.strerror or e})",
            "vérifiez ce chemin et ses droits",
        )
        if plein:
            quoi, faire = "Plus de place sur le disque", "libérez de la place"
        raise QpvError(quoi, ou=str(e.filename or archive), faire=f"{faire} puis relancez") from e


def read_json(fichier: Path, url: str, *cles: str) -> dict[str, Any]:
    """A memory file about `url`; {} when missing, damaged or without a text under all of `cles`."""
    with suppress(OSError, ValueError):
        lu = json.loads(fichier.read_bytes())
        if isinstance(lu, dict) and lu.get("url") == url and all(lu.get(c) for c in cles):
            textes = [v for c, v in lu.items() if c != "octets" and v is not None]
            return lu if all(isinstance(v, str) for v in textes) else {}
    return {}


def write_json(fichier: Path, contenu: dict[str, Any]) -> None:
    tmp = fichier.with_name(f"{fichier.name}.{uuid4().hex}.tmp")
    tmp.parent.mkdir(parents=True, exist_ok=True)
    try:
        tmp.write_text(json.dumps(contenu, ensure_ascii=False, indent=1), encoding="utf-8")
        _install(tmp, fichier)
    finally:
        tmp.unlink(missing_ok=True)


def _install(tmp: Path, cible: Path) -> None:
    """Move a finished file to its place: after a power cut it is whole or absent."""
    cible.parent.mkdir(parents=True, exist_ok=True)
    with tmp.open("rb") as f:
        os.fsync(f.fileno())
    tmp.replace(cible)


def objet_de(archive: Path, sha: str) -> Path:
    return archive / "objects" / sha[:2] / sha


def empreinte(fichier: Path) -> str | None:
    """The sha256 of a file in hexadecimal, None when there is no such file."""
    if not fichier.is_file():
        return None
    with fichier.open("rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def store(tmp: Path, archive: Path) -> tuple[Path, str, int, bool]:
    """Move a checked file among the objects: (path, sha256, octets, was already there)."""
    sha, taille = str(empreinte(tmp)), tmp.stat().st_size
    objet = objet_de(archive, sha)
    deja = empreinte(objet) == sha
    if not deja:
        tmp.chmod(0o400)
        _install(tmp, objet)
    return objet, sha, taille, deja
