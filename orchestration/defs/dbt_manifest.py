"""The dbt project as parsed once for everybody: there whole or not at all. Reads no data."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.base.errors import QpvError
from warehouse.base.layout import DBT_PROJECT


def _target() -> Path:
    """Beside the project; in the user's cache where somebody else installed it."""
    beside = DBT_PROJECT / "target"
    if os.access(beside if beside.is_dir() else DBT_PROJECT, os.W_OK):
        return beside
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "qpv" / sha256(str(DBT_PROJECT).encode()).hexdigest()[:12]


TARGET = _target()
MANIFEST = TARGET / "manifest.json"
#: The project as dbt reads it back: beside the manifest, and of the same parse.
PARTIAL = "partial_parse.msgpack"
#: dbt of the same environment, whatever the PATH says, and tied to this process's life.
DBT = str(Path(sys.executable).parent / "qpv-dbt")
#: Seconds after which whoever holds the lock is taken for stuck: a parse takes about ten.
_PATIENCE = 300


def ensure_manifest() -> Path:
    """The parsed project, parsed again when a file of it changed since.

    Two first starts at once parse in turn, and what they read is put in place by renames.

    Raises:
        QpvError: dbt cannot read the project, or another command has been reading it too long.
    """
    if not _is_current():
        TARGET.mkdir(parents=True, exist_ok=True)
        lock = TARGET / ".parse.lock"
        try:
            with FileLock(lock, timeout=_PATIENCE):
                if not _is_current():
                    _parse()
        except Timeout:
            raise QpvError(
                f"une autre commande lit le projet dbt depuis plus de {_PATIENCE} s",
                ou=str(lock),
                faire="l'arrêter si elle est bloquée, puis relancer",
            ) from None
    return MANIFEST


def has_manifest() -> bool:
    """Whether the project was ever parsed, and nothing cut what was written."""
    return MANIFEST.is_file() and _is_whole(MANIFEST)


def refuse_changed() -> None:
    """Refuse to run models that are not those that Dagster read.

    Raises:
        QpvError: a file of the project changed since it was parsed.
    """
    if not _is_current():
        raise QpvError(
            "le projet dbt a changé depuis que Dagster l'a lu",
            ou=str(DBT_PROJECT),
            faire="recharger les définitions (sous `make dev`), sinon lancer "
            "`python -m orchestration.defs.dbt_manifest` puis les recharger ; ou `qpv build`",
        )


def _is_current() -> bool:
    skipped = {"target", "logs"}
    newest = max(
        path.stat().st_mtime
        for path in DBT_PROJECT.rglob("*")
        if (path.suffix in (".sql", ".yml", ".py") or path.is_dir())  # a folder: a file is gone
        and not skipped & set(path.relative_to(DBT_PROJECT).parts)
    )
    return has_manifest() and MANIFEST.stat().st_mtime >= newest


def _is_whole(manifest: Path) -> bool:
    """Whether a manifest that something else wrote here was cut: it ends as JSON does."""
    with manifest.open("rb") as content:
        content.seek(max(0, manifest.stat().st_size - 16))
        return content.read().rstrip().endswith(b"}")


def _parse() -> None:
    with tempfile.TemporaryDirectory(dir=TARGET, prefix=".parse-") as folder:
        if (TARGET / PARTIAL).is_file():
            shutil.copy(TARGET / PARTIAL, folder)
        command = [DBT, "--log-path", folder, "parse", "--project-dir", ".", "--profiles-dir", "."]
        command += ["--quiet", "--target-path", folder]
        done = subprocess.run(command, cwd=DBT_PROJECT, capture_output=True, text=True)
        if done.returncode:
            raise QpvError(
                f"dbt ne peut pas lire le projet : {done.stdout[-800:]}", ou="dbt_project"
            )
        for name in (PARTIAL, MANIFEST.name):  # the manifest last: it is what says « current »
            (Path(folder) / name).replace(TARGET / name)


if __name__ == "__main__":
    print(ensure_manifest())
