"""Where a millésime's files come from: the network, or a folder of hand-downloaded files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ingest.archive import ArchivedFile, archive_local
from ingest.datagouv import file_name, find_resource
from ingest.extracts_folder import Champ, ExtractsFolder
from ingest.fetch import Progression, fetch
from ingest.file_parts import Partie
from ingest.file_places import file_place
from ingest.fingerprints import known_contents, refuse_cut_copy
from ingest.header_faults import HeaderFault
from ingest.header_names import fill
from ingest.links import find_link
from ingest.registry import Source


@dataclass
class Collected:
    """Archived files of a millésime, and the official names of those that were not found.

    `champ`: what the folder of the first file says it covers. `ecartes`: files that are there and
    whose layout is not the one declared, each under the official name of its part. `non_lus`:
    files that bear another name of a part, which the one read is preferred to.
    """

    files: list[tuple[Partie, ArchivedFile]] = field(default_factory=list)
    absents: list[str] = field(default_factory=list)
    raisons: list[str] = field(default_factory=list)
    champ: Champ | None = None
    ecartes: list[tuple[Partie, ArchivedFile, HeaderFault]] = field(default_factory=list)
    non_lus: list[str] = field(default_factory=list)


def collect(
    source: Source,
    millesime: str,
    *,
    archive: Path,
    extracts: ExtractsFolder | None,
    given: Path | None = None,
    progress: Progression | None = None,
) -> Collected:
    """Every part of a millésime, archived; a part that cannot be had is named, not guessed.

    Args:
        given: the user's own file, taken before any other.

    Raises:
        QpvError: the network failed, or a file was refused (HTML, truncated, empty, the
            beginning of a known one).
    """
    collected = Collected()
    for partie in source.parts_of(millesime):
        found: ArchivedFile | None = None
        reason = ""
        if given is not None:
            found = _local(given, source, archive)
        elif extracts is not None:
            here = extracts.find(partie.fichiers, partie.membre)
            reason = f"aucun fichier {' ni '.join(partie.fichiers)} dans les extraits"
            if here is not None:
                found = _local(here.path, source, archive)
                collected.champ = collected.champ or extracts.champ_of(here.path)
                collected.non_lus += extracts.set_aside(partie.fichiers, here.path)
                if here.membre:
                    partie = partie.model_copy(update={"membre": re.escape(here.membre)})
        else:
            found, reason = _remote(source, millesime, partie, archive, progress)
        if found is None and partie.fichiers[0] not in collected.absents:
            collected.absents.append(partie.fichiers[0])
            collected.raisons.append(reason)
        elif found is None:
            continue
        else:
            refuse_cut_copy(source.id, found)
            collected.files.append((partie, found))
    return collected


def _local(path: Path, source: Source, archive: Path) -> ArchivedFile:
    kind = kind_of(path.name, source)
    return archive_local(path, archive=archive, attendu=kind, limites=source.limites)


def _remote(
    source: Source,
    millesime: str,
    partie: Partie,
    archive: Path,
    progress: Progression | None,
) -> tuple[ArchivedFile | None, str]:
    place, name = file_place(source, millesime), None
    limites, hotes = source.limites_page, source.hotes
    if place is None:
        page = source.millesimes[millesime].page or source.page
        return None, f"{source.id} n'a pas d'adresse de téléchargement au registre ({page})"
    url, motif = place.ou, fill(place.motif, millesime)
    if place.genre == "jeu":
        formats = {source.format, "zip"} if partie.membre else {source.format}
        url, name = find_resource(url, motif, formats=formats, limites=limites, hotes=hotes)
    elif place.genre == "page":
        url = find_link(url, motif, limites=limites, hotes=hotes)
    name = name or remote_name(url, partie)
    kind = kind_of(name, source)
    fetched = fetch(
        url,
        archive=archive,
        nom=name,
        attendu=kind,
        connus=known_contents(source.id),
        limites=source.limites,
        hotes=hotes,
        sur_progression=progress,
    )
    return fetched, ""


def remote_name(url: str, partie: Partie) -> str:
    """The file name of a URL; where it tells no format, the part's name, as a zip if it is one."""
    name = file_name(url)
    if _ending(name):
        return name
    official = partie.fichiers[0]
    return str(PurePosixPath(official).with_suffix(".zip")) if partie.membre else official


def kind_of(name: str, source: Source) -> str:
    """The format of a file: the one that its name tells, else its source's."""
    return _ending(name) or source.format


def _ending(name: str) -> str | None:
    ending = PurePosixPath(name).suffix[1:].lower()
    known = ("csv", "xls", "xlsx", "zip", "parquet", "json", "geojson")
    return ending if ending in known else None
