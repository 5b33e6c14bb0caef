"""The seal of a release: the fingerprint of each of its files, and what no longer answers to it."""

from __future__ import annotations

import os
import re
from hashlib import file_digest, sha256
from pathlib import Path

from warehouse.base.errors import QpvError

#: As `sha256sum -c` reads it.
SUMS = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def seal(release: Path) -> str:
    """Write the fingerprint of every file of a draft; the fingerprint of what was written."""
    lines = [f"{digest(release / name)}  {name}\n" for name in _files(release)]
    text = "".join(lines)
    (release / SUMS).write_text(text, encoding="utf-8")
    return sha256(text.encode()).hexdigest()


def open_to_readers(release: Path) -> None:
    """Everybody may read a release, and nobody change a file of it."""
    for folder, _, names in os.walk(release):
        for name in names:
            (Path(folder) / name).chmod(0o444)
        Path(folder).chmod(0o755)


def faults(release: Path, registered: str | None) -> list[str]:
    """What of a release is missing, changed or extra; nothing where it is as it was published.

    Args:
        registered: the fingerprint of its sums when it was published, None where nobody knows.
    """
    sums = release / SUMS
    if not sums.is_file():
        return [f"{SUMS} : absent, rien ne dit ce que cette publication contenait"]
    found = []
    if registered is None:
        found.append("registre : cette publication n'y est pas, ses empreintes n'engagent personne")
    elif digest(sums) != registered:
        found.append(f"{SUMS} : changé depuis la publication")
    known = read_sums(sums)
    there = set(_files(release))
    found += [f"{name} : absent" for name in sorted(known.keys() - there)]
    found += [f"{name} : en trop" for name in sorted(there - known.keys())]
    found += [
        f"{name} : changé"
        for name in sorted(known.keys() & there)
        if (release / name).is_symlink() or digest(release / name) != known[name]
    ]
    return found


def require_whole(release: Path, name: str) -> Path:
    """A file of a release that is about to be read.

    Raises:
        QpvError: it is gone, or is not what was published.
    """
    path, sums = release / name, release / SUMS
    known = read_sums(sums).get(name) if sums.is_file() else None
    if not path.is_file():
        said = "est absent"
    elif known and digest(path) != known:
        said = "n'est plus celui qui a été publié"
    else:
        return path
    raise QpvError(
        f"la publication est abîmée : {name} {said}",
        ou=str(release),
        faire="voir tout ce qui a changé par `qpv release verify`, puis reprendre une copie de la "
        "publication ou la reconstruire",
    )


def read_sums(sums: Path) -> dict[str, str]:
    """File → fingerprint, as `SHA256SUMS` says; a line that says nothing is left."""
    text = sums.read_text(encoding="utf-8", errors="replace")
    lines = (_LINE.fullmatch(line) for line in text.splitlines())
    return {line[2]: line[1] for line in lines if line}


def digest(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()


def _files(release: Path) -> list[str]:
    """Every file of a release but its sums, by its path inside, in order."""
    found = []
    for folder, folders, names in os.walk(release):
        linked = [name for name in folders if (Path(folder) / name).is_symlink()]
        for name in [*names, *linked]:
            found.append((Path(folder) / name).relative_to(release).as_posix())
    return sorted(set(found) - {SUMS})
