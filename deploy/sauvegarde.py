"""Back-up and restore of what only PostgreSQL and the bucket hold: the lake, Dagster's history.

`sauver DOSSIER` makes a folder of today's in it; `remettre SAUVEGARDE` fills empty bases from one.
The catalogue is dumped before its files are copied: they never change, so none it names is missing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pyarrow import fs

from orchestration.cli.refusals import plain_errors
from warehouse.base.errors import QpvError
from warehouse.lake.access import required_lake
from warehouse.release.ducklake import says_password
from warehouse.release.seal import digest

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)
_DAGSTER, _CONTENU, _SEAU = "QPV_DAGSTER", "contenu.json", "seau"


def bases() -> dict[str, str]:
    """What is dumped, by the name of its file, as the clients of PostgreSQL are told of it.

    Raises:
        QpvError: a base is not said, is no server's, or is said with its password.
    """
    lac, dagster = required_lake(), os.environ.get(_DAGSTER, "")
    if not lac.is_shared or not lac.is_remote:
        raise QpvError(
            "ce lac est un fichier et un dossier de cette machine",
            faire="les copier comme le dossier de données (docs/runbooks/disque-perdu.md)",
        )
    if not dagster.startswith("postgresql") or says_password(dagster):
        raise QpvError(
            "la base de Dagster n'est pas dite, ou l'est avec un mot de passe",
            ou=_DAGSTER,
            attendu="postgresql+psycopg2://compte@hôte:port/base",
            faire="la donner ainsi, et le mot de passe dans PGPASSWORD ou PGPASSFILE",
        )
    driver_aside = re.sub(r"^postgresql\+\w+:", "postgresql:", dagster)
    return {"lac.dump": lac.of_postgres, "dagster.dump": driver_aside}


def client(program: str, *words: str) -> str:
    """What a program of PostgreSQL answers.

    Raises:
        QpvError: it is not installed, or refuses.
    """
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    found = str(places[-1]) if places else shutil.which(program)
    if found is None:
        raise QpvError(f"{program} n'est pas là", faire="installer postgresql-client")
    done = subprocess.run([found, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.split())[:300]
        raise QpvError(
            f"{program} refuse ({said})",
            faire="vérifier que PostgreSQL répond, que la base existe et que ce compte y a droit",
        )
    return done.stdout.strip()


@contextmanager
def storage_answers() -> Iterator[None]:
    """What the storage refuses, as one paragraph: Arrow gives its errors no number.

    Raises:
        QpvError: it refuses, or does not answer.
    """
    try:
        yield
    except OSError as error:
        if error.strerror:
            raise
        raise QpvError(
            f"le stockage refuse ou ne répond pas ({' '.join(str(error).split())[:300]})",
            ou=required_lake().donnees,
            faire="vérifier qu'il répond et que cette clé y a droit, puis relancer",
        ) from None


def bucket() -> tuple[fs.S3FileSystem, str]:
    """The storage, and the place of the lake's files there."""
    scheme, _, server = os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/").rpartition("://")
    told = {"endpoint_override": server, "scheme": scheme or "https"} if server else {}
    storage = fs.S3FileSystem(
        region=os.environ.get("AWS_REGION", "us-east-1"), allow_bucket_creation=True, **told
    )
    return storage, required_lake().donnees.removeprefix("s3://").rstrip("/")


def files(where: fs.FileSystem, root: str) -> set[str]:
    """The files below a place, named from it."""
    chosen = fs.FileSelector(root, recursive=True, allow_not_found=True)
    found = where.get_file_info(chosen)
    return {one.path[len(root) + 1 :] for one in found if one.type == fs.FileType.File}


def prints(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a back-up."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != _CONTENU:
            found[path.relative_to(folder).as_posix()] = digest(path)
    return found


@app.command("sauver")
def save(dossier: Annotated[Path, typer.Argument(help="Où poser la sauvegarde du jour.")]) -> None:
    """Sauve les deux bases et le seau ; dit où."""
    with plain_errors(""), storage_answers():
        os.umask(0o077)  # a run's history may quote a row
        made = dossier / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        under_way = dossier / f".en-cours-{made.name}"
        (under_way / _SEAU).mkdir(parents=True)
        try:
            storage, root = bucket()
            before = files(storage, root)
            for name, base in bases().items():
                client("pg_dump", f"--dbname={base}", "-Fc", "-f", str(under_way / name))
            copied = str(under_way / _SEAU)
            if files(storage, root):
                fs.copy_files(root, copied, storage, fs.LocalFileSystem())
            if gone := before - files(fs.LocalFileSystem(), copied):
                raise QpvError(
                    f"{len(gone)} fichiers du lac ont disparu pendant la sauvegarde",
                    faire="la refaire : une publication a été retirée, ou le lac nettoyé",
                )
            told = {"donnees": required_lake().donnees, "fichiers": prints(under_way)}
            (under_way / _CONTENU).write_text(json.dumps(told, indent=1), encoding="utf-8")
            under_way.rename(made)
        finally:
            shutil.rmtree(under_way, ignore_errors=True)
        typer.echo(f"Sauvé : {made} ({len(told['fichiers'])} fichiers)")


@app.command("remettre")
def put_back(
    sauvegarde: Annotated[Path, typer.Argument(help="Le dossier d'une sauvegarde.")],
) -> None:
    """Remet une sauvegarde dans des bases vides et dans le seau."""
    with plain_errors(""), storage_answers():
        kept = contents(sauvegarde)
        storage, root = bucket()
        held = bases()
        for base in held.values():
            count = "select count(*) from pg_tables where schemaname = 'public'"
            if client("psql", f"--dbname={base}", "-qAtc", count) != "0":
                raise QpvError(
                    "une base n'est pas vide : rien n'a été remis",
                    ou=base,
                    faire="arrêter Dagster, puis donner des bases neuves (dropdb, createdb)",
                )
        if foreign := files(storage, root) - kept:
            raise QpvError(
                f"le seau tient déjà {len(foreign)} fichiers d'autre chose : rien n'a été remis",
                ou=required_lake().donnees,
                faire="vider ce préfixe, ou donner un seau neuf du même nom",
            )
        if kept:
            storage.create_dir(root.partition("/")[0])
            fs.copy_files(str(sauvegarde / _SEAU), root, fs.LocalFileSystem(), storage)
        for name, base in held.items():
            whole = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
            client("pg_restore", f"--dbname={base}", *whole, str(sauvegarde / name))
        typer.echo(f"Remis : {sauvegarde.name} ; les droits des lecteurs sont à redonner")


def contents(sauvegarde: Path) -> set[str]:
    """The files of the bucket that a back-up holds, once all of it is known to be whole.

    Raises:
        QpvError: it is no back-up, of another lake, or not as it was made.
    """
    try:
        told = json.loads((sauvegarde / _CONTENU).read_text(encoding="utf-8"))
    except OSError:
        raise QpvError(
            "ce dossier n'est pas une sauvegarde entière",
            ou=str(sauvegarde),
            attendu=f"{_CONTENU}, lac.dump, dagster.dump et {_SEAU}/",
            faire="en donner une autre",
        ) from None
    if told["donnees"] != (here := required_lake().donnees):
        raise QpvError(
            f"cette sauvegarde est celle des données {told['donnees']}",
            ou=here,
            faire=f"QPV_LAC_DONNEES={told['donnees']} : le catalogue nomme ses fichiers ainsi",
        )
    now = prints(sauvegarde)
    if bad := sorted(set(now.items()) ^ set(told["fichiers"].items())):
        raise QpvError(
            f"cette sauvegarde a changé depuis qu'elle est faite ({bad[0][0]}) : rien n'est remis",
            ou=str(sauvegarde),
            faire="en donner une autre",
        )
    return {name.removeprefix(f"{_SEAU}/") for name in now if name.startswith(f"{_SEAU}/")}


if __name__ == "__main__":
    app()
