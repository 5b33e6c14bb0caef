"""Where a millésime's files come from: the network, or a folder of hand-downloaded files."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.archive import ArchivedFile, archive_local
from ingest.datagouv import find_resource
from ingest.fetch import fetch
from ingest.header_names import fill
from ingest.links import find_link
from ingest.registry import Partie, Source
from warehouse.errors import QpvError
from warehouse.strict import Strict, load_yaml

CHAMP_FILE = "champ.yml"


class Champ(Strict):
    """What a folder of extracts says of itself.

    `ensembles_complets`: the only sets that may be recomposed from its QPV (`*`: all of France).
    `remarque`: where its files come from, when it is not from their producers; their figures are
    then marked third-party wherever they go. `edition`: the one that its files are those of, which
    a build takes when none is named.
    """

    ensembles_complets: list[str]
    remarque: str | None = None
    edition: str | None = None


def said_edition(roots: Iterable[Path]) -> str | None:
    """The edition that folders of extracts say to be those of; None when they say none.

    Raises:
        QpvError: they say several.
    """
    files = [root / CHAMP_FILE for root in roots]
    said = {str(f): load_yaml(f, Champ).edition for f in files if f.is_file()}
    named = sorted({edition for edition in said.values() if edition})
    if len(named) > 1:
        raise QpvError(
            f"les dossiers des extraits sont d'éditions différentes : {', '.join(named)}",
            ou=", ".join(said),
            faire="nommer l'édition à construire avec --edition",
        )
    return named[0] if named else None


class ExtractsFolder:
    """One or several folders that hold official files, found by name in any subfolder."""

    def __init__(self, *roots: Path) -> None:
        self.roots = roots
        self._paths: dict[str, list[Path]] = {}
        for root in roots:
            if not root.is_dir():
                raise QpvError(
                    "le dossier des extraits n'existe pas",
                    ou=str(root),
                    faire="vérifier --extracts",
                )
            for folder, _, names in os.walk(root):
                for name in names:
                    self._paths.setdefault(name, []).append(Path(folder) / name)

    def find(self, names: list[str]) -> Path | None:
        """The file that bears the first of these names, or None.

        Raises:
            QpvError: two files of that name with different contents.
        """
        for name in names:
            paths = self._paths.get(name, [])
            if not all(filecmp.cmp(paths[0], other, shallow=False) for other in paths[1:]):
                places = ", ".join(str(self._said(p)) for p in sorted(paths))
                raise QpvError(
                    f"deux fichiers {name} de contenus différents",
                    ou=places,
                    faire="n'en garder qu'un dans les dossiers des extraits",
                )
            if paths:
                return paths[0]
        return None

    def set_aside(self, names: list[str], read: Path) -> list[str]:
        """The other names of the same file that the folders hold too, and that are not read."""
        return [name for name in names if name != read.name and name in self._paths]

    def champ_of(self, path: Path) -> Champ | None:
        """What the folder of a file says it covers; None means all of France."""
        said = next(root / CHAMP_FILE for root in self.roots if path.is_relative_to(root))
        return load_yaml(said, Champ) if said.is_file() else None

    def _said(self, path: Path) -> Path:
        """A file as messages name it: inside its folder where there is one, else whole."""
        return path.relative_to(self.roots[0]) if len(self.roots) == 1 else path


@dataclass
class Collected:
    """Archived files of a millésime, and the official names of those that were not found.

    `champ`: what the folder of the first file says it covers. `ecartes`: files that bear another
    name of a part, which a preferred one replaces.
    """

    files: list[tuple[Partie, ArchivedFile]] = field(default_factory=list)
    absents: list[str] = field(default_factory=list)
    raisons: list[str] = field(default_factory=list)
    champ: Champ | None = None
    ecartes: list[str] = field(default_factory=list)


def collect(
    source: Source,
    millesime: str,
    *,
    archive: Path,
    extracts: ExtractsFolder | None,
    given: Path | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Collected:
    """Every part of a millésime, archived; a part that cannot be had is named, not guessed.

    Args:
        given: the user's own file, taken before any other.

    Raises:
        QpvError: the network failed, or a file was refused (HTML, truncated, empty).
    """
    collected = Collected()
    for partie in source.parts_of(millesime):
        if given is not None:
            found, reason = _local(given, source, archive), ""
        elif extracts is not None:
            path = extracts.find(partie.fichiers)
            reason = f"aucun fichier {' ni '.join(partie.fichiers)} dans les extraits"
            found = None if path is None else _local(path, source, archive)
            if path is not None:
                collected.champ = collected.champ or extracts.champ_of(path)
                collected.ecartes += extracts.set_aside(partie.fichiers, path)
        else:
            found, reason = _remote(source, millesime, partie, archive, progress)
        if found is None:
            collected.absents.append(partie.fichiers[0])
            collected.raisons.append(reason)
        else:
            collected.files.append((partie, found))
    return collected


def _local(path: Path, source: Source, archive: Path) -> ArchivedFile:
    return archive_local(path, archive=archive, attendu=_kind(path.name, source))


def _remote(
    source: Source,
    millesime: str,
    partie: Partie,
    archive: Path,
    progress: Callable[[int, int | None], None] | None,
) -> tuple[ArchivedFile | None, str]:
    edition = source.millesimes[millesime]
    page, lien = edition.page or source.page, edition.lien or source.lien
    ressource = edition.ressource or source.ressource
    name = None
    if edition.url:
        url = edition.url
    elif ressource:
        formats = {source.format, "zip"} if partie.membre else {source.format}
        url, name = find_resource(source.dataset, fill(ressource, millesime), formats=formats)
    elif lien:
        url = find_link(page, fill(lien, millesime))
    else:
        return None, f"{source.id} n'a pas d'adresse de téléchargement au registre ({page})"
    name = name or _remote_name(url, partie)
    kind = _kind(name, source)
    return fetch(url, archive=archive, nom=name, attendu=kind, sur_progression=progress), ""


def _remote_name(url: str, partie: Partie) -> str:
    """The file name of a URL; where it tells no format, the part's name, as a zip if it is one."""
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    if _ending(name):
        return name
    official = partie.fichiers[0]
    return str(PurePosixPath(official).with_suffix(".zip")) if partie.membre else official


def _kind(name: str, source: Source) -> str:
    return _ending(name) or source.format


def _ending(name: str) -> str | None:
    ending = PurePosixPath(name).suffix[1:].lower()
    known = ("csv", "xls", "xlsx", "zip", "parquet", "json", "geojson")
    return ending if ending in known else None
