"""Folders of hand-downloaded files: which file stands for an official name, and which for none."""

from __future__ import annotations

import filecmp
import os
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from rapidfuzz import fuzz, process

from ingest.registry import Registry
from warehouse.base.errors import QpvError
from warehouse.base.strict import Strict, load_yaml

CHAMP_FILE = "champ.yml"
#: What browsers and file managers add to the name of a second copy.
_COPY = re.compile(r"[ _-]*(\(\d+\)|- ?copie( \(\d+\))?|- ?copy( \(\d+\))?|copie|copy)$")
#: What a system leaves in folders, and what is nobody's extract.
_NOISE = re.compile(r"\..*|thumbs\.db|desktop\.ini|readme.*|lisez-?moi.*|champ\.yml", re.IGNORECASE)
#: How what is said of a file of the registry begins.
KNOWN = "connu"
#: How alike two names must be (rapidfuzz, of 100) for one to be suggested.
_ALIKE = 80


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
    said = {str(f): load_yaml(f, Champ).edition for f in files if os.path.lexists(f)}
    named = sorted({edition for edition in said.values() if edition})
    if len(named) > 1:
        raise QpvError(
            f"les dossiers des extraits sont d'éditions différentes : {', '.join(named)}",
            ou=", ".join(said),
            faire="nommer l'édition à construire avec --edition",
        )
    return named[0] if named else None


@dataclass(frozen=True)
class FoundFile:
    """A file that stands for an official name; `membre`: its name in the zip that `path` is."""

    path: Path
    membre: str | None = None


class ExtractsFolder:
    """One or several folders that hold official files, found by name in any subfolder."""

    def __init__(self, *roots: Path) -> None:
        """Looks at names only.

        Raises:
            QpvError: a folder is not there, or cannot be read.
        """
        self.roots = roots
        self._paths: dict[str, list[Path]] = {}
        self._folders: dict[str, Path] = {}
        for root in roots:
            if not root.is_dir():
                raise QpvError(
                    "le dossier des extraits n'existe pas",
                    ou=str(root),
                    faire="vérifier --extracts",
                )
            for folder, folders, names in os.walk(root, onerror=_unreadable):
                for name in names:
                    self._paths.setdefault(name, []).append(Path(folder) / name)
                self._folders |= {name: Path(folder) / name for name in folders}

    def find(self, names: list[str], membre: str | None = None) -> FoundFile | None:
        """The file that bears the first of these names, or None.

        A name in another case, with the mark of a second copy, or as a member of the producer's
        zip stands for it where nothing bears the name itself.

        Args:
            membre: regular expression over the member of the zip under which the file comes.

        Raises:
            QpvError: two such files with different contents, or something of that name that is
                not a file.
        """
        for name in names:
            if found := self._one(self._paths.get(name, []), name):
                return FoundFile(found)
            if name in self._folders:
                raise QpvError(
                    f"{name} est un dossier",
                    ou=str(self._folders[name]),
                    attendu="un fichier de ce nom",
                    faire="sortir le fichier de ce dossier, ou renommer le dossier",
                )
        for name in names:
            near = [p for n in self._by_plain.get(plain(name), []) for p in self._paths[n]]
            if found := self._one(near, name):
                return FoundFile(found)
            if zipped := self._in_a_zip(name, membre):
                return zipped
        return None

    def set_aside(self, names: list[str], read: Path) -> list[str]:
        """The other names of the same file that the folders hold too, and that are not read."""
        return [name for name in names if name != read.name and name in self._paths]

    def champ_of(self, path: Path) -> Champ | None:
        """What the folder of a file says it covers; None means all of France."""
        said = next(root / CHAMP_FILE for root in self.roots if path.is_relative_to(root))
        return load_yaml(said, Champ) if os.path.lexists(said) else None

    def unclaimed(self, read: Collection[str], registry: Registry) -> list[tuple[str, str]]:
        """(path in its folder, what it looks like) of each file that was not read.

        Args:
            read: names of the files that were.
        """
        official = _official_names(registry)
        copies = {plain(name): name for name in read}
        found = []
        for name, paths in sorted(self._paths.items()):
            if name in read or _NOISE.fullmatch(name):
                continue
            if name in official:
                said = f"{KNOWN} ({official[name]}), que l'édition ne nomme pas"
            elif plain(name) in copies:
                said = f"double de {copies[plain(name)]}, qui est lu"
            else:
                said = _look(name, official, registry)
            found += [(str(self._said(path)), said) for path in paths]
        return found

    @cached_property
    def _by_plain(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self._paths:
            found.setdefault(plain(name), []).append(name)
        return found

    @cached_property
    def _members(self) -> dict[str, list[FoundFile]]:
        """Plain name of a member → the zips that hold it."""
        found: dict[str, list[FoundFile]] = {}
        for name, paths in self._paths.items():
            if PurePosixPath(name).suffix.lower() == ".zip":
                for path in paths:
                    for member in _members_of(path):
                        found.setdefault(plain(member), []).append(FoundFile(path, member))
        return found

    def _in_a_zip(self, name: str, membre: str | None) -> FoundFile | None:
        """A zip that holds the file; or that bears its name and holds one member of `membre`."""
        found = list(self._members.get(plain(name), []))
        if membre and not found:
            zips = self._by_plain.get(plain(f"{PurePosixPath(name).stem}.zip"), [])
            for path in (p for other in zips for p in self._paths[other]):
                fits = [m for m in _members_of(path) if re.fullmatch(membre, m)]
                found += [FoundFile(path, m) for m in fits]
        if self._one([f.path for f in found], name) is None:
            return None
        return found[0]

    def _one(self, paths: list[Path], name: str) -> Path | None:
        """The one content of these files; None where there is no file."""
        for other in paths[1:]:
            if not _same(paths[0], other):
                places = ", ".join(str(self._said(p)) for p in sorted(paths))
                raise QpvError(
                    f"deux fichiers {name} de contenus différents",
                    ou=places,
                    faire="n'en garder qu'un dans les dossiers des extraits",
                )
        return paths[0] if paths else None

    def _said(self, path: Path) -> Path:
        """A file as messages name it: inside its folder where there is one, else whole."""
        return path.relative_to(self.roots[0]) if len(self.roots) == 1 else path


def plain(name: str) -> str:
    """A file name without what a system, a browser or a keyboard changes in it."""
    path = PurePosixPath(unicodedata.normalize("NFC", name).casefold().strip())
    stem = _COPY.sub("", path.stem.strip())
    return f"{' '.join(stem.split())}{path.suffix.strip()}"


def _members_of(path: Path) -> Iterator[str]:
    """Bare names of the members of a zip; none of what is no zip: whoever reads it will say so."""
    try:
        if not path.is_file():  # a pipe would never answer
            return
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return
    for name in names:
        if not name.endswith("/") and not name.startswith("__MACOSX/"):
            yield re.split(r"[/\\]", name)[-1]


def _official_names(registry: Registry) -> dict[str, str]:
    """Official file name → the source and millésime that it is."""
    return {
        name: f"{source.id} {millesime}"
        for source in registry.sources.values()
        for millesime in source.millesimes
        for partie in source.parts_of(millesime)
        for name in partie.fichiers
    }


def _look(name: str, official: dict[str, str], registry: Registry) -> str:
    """What an unknown name looks like: another year of a source, a near name, or nothing known."""
    if year := other_year(name, registry):
        return f"sans doute {year[0]}, millésime {year[1]}, que rien ne déclare"
    near = process.extractOne(
        plain(name), {n: plain(n) for n in official}, scorer=fuzz.ratio, score_cutoff=_ALIKE
    )
    return f"ressemble à {near[2]} ({official[near[2]]})" if near else "inconnu du registre"


def other_year(name: str, registry: Registry) -> tuple[str, str] | None:
    """(source, year) of a file named as one of its millésimes, of another year; None where not."""
    for source in registry.sources.values():
        for pattern in (name for partie in source.parties for name in partie.fichiers):
            for ending in ("", ".zip"):
                wanted = f"{PurePosixPath(pattern).stem}{ending}" if ending else pattern
                years = re.escape(plain(wanted)).replace(re.escape("{yyyy}"), r"((?:19|20)\d\d)", 1)
                years = years.replace(re.escape("{yyyy}"), r"\1")
                years = years.replace(re.escape("{yy}"), r"(\d\d)", 1)
                if "(" in years and (year := re.fullmatch(years, plain(name))):
                    return source.id, year[1] if len(year[1]) == 4 else f"20{year[1]}"
    return None


def _same(one: Path, other: Path) -> bool:
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError as error:
        raise _refused(error) from error


def _unreadable(error: OSError) -> None:
    raise _refused(error) from error


def _refused(error: OSError) -> QpvError:
    return QpvError(
        f"dossier ou fichier des extraits illisible : {error.strerror or error}",
        ou=str(error.filename),
        faire="vérifier ses droits, ou l'ôter du dossier des extraits",
    )
