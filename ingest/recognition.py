"""Which source and which year a file looks like, by its name, then by its header. Lands nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest.extracts_folder import KNOWN, ExtractsFolder, other_year
from ingest.file_parts import Partie
from ingest.header_names import year_of_millesime
from ingest.headers import compare_headers
from ingest.limits import TABLES
from ingest.readers import RawTable, read_table
from ingest.registry import Registry, Source
from warehouse.base.bounded_files import MO, opened
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import read_csv

#: Bytes of a CSV in which its header lies.
_HEAD = 256_000
#: Bytes of a workbook or a zip that is opened for its header.
_WHOLE = 20 * MO
#: Columns that a file and a layout must share: a code and a name are those of anything.
_FEWEST = 4
#: Share of the columns of a file and of a layout that must be the same for one to look like it.
_ALIKE = 0.6
#: Formats whose header tells what a file is, and those of which it is read alone.
_HEADED, _TEXTS = ("csv", "txt", "xls", "xlsx", "zip"), ("csv", "txt")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")


@dataclass(frozen=True)
class Look:
    """What a file looks like. `par`: by its name, or by its header; `millesime`: None if unsaid."""

    source: Source
    millesime: str | None
    par: str

    def __str__(self) -> str:
        year = f"millésime {self.millesime}" if self.millesime else "d'une année qu'il ne dit pas"
        return f"ressemble à {self.source.id}, {year} (par {self.par})"


def look_of(path: Path, registry: Registry) -> Look | None:
    """The source and the year of a file that nothing declares; None where nothing is like it."""
    if named := other_year(path.name, registry):
        return Look(registry[named[0]], _key(registry[named[0]], named[1]), "son nom")
    best: tuple[float, Look] | None = None
    years = _YEAR.findall(path.name)
    for source, table, partie in _readings(path, registry):
        share = max(_share(source, m, partie, table) for m in source.millesimes)
        if share >= _ALIKE and (best is None or share > best[0]):
            key = _key(source, years[-1]) if years else None
            best = share, Look(source, key, "son en-tête")
    return best[1] if best else None


def unclaimed_files(folder: ExtractsFolder, registry: Registry) -> list[tuple[str, str]]:
    """(file, what it looks like) of each file of the folders that is nobody's official name."""
    found = []
    for said, what in folder.unclaimed((), registry):
        if not what.startswith(KNOWN):
            look = look_of(_there(folder, said), registry)
            found.append((said, str(look) if look else what))
    return found


def read_as(path: Path, source: Source, partie: Partie) -> RawTable:
    """A file read as a part of a source.

    Raises:
        QpvError: it cannot be read, or no header row bears the key.
    """
    return read_table(
        path,
        nom=path.name,
        fmt=source.format,
        entete_cle=partie.entete_cle,
        membre=partie.membre,
        feuille=partie.feuille or source.feuille,
        limites=source.limites,
    )


def _there(folder: ExtractsFolder, said: str) -> Path:
    return folder.roots[0] / said if len(folder.roots) == 1 else Path(said)


def _key(source: Source, year: str) -> str:
    """The key of a year: on the perimeter of the newest millésime, where its keys say one."""
    return f"{year}{max(source.millesimes, key=year_of_millesime)[4:]}"


def _readings(path: Path, registry: Registry) -> Iterator[tuple[Source, RawTable, Partie]]:
    """A file read as each part that it may be of; what does not read so is not that part's."""
    ending = PurePosixPath(path.name).suffix[1:].lower()
    if ending not in _HEADED or (ending not in _TEXTS and path.stat().st_size > _WHOLE):
        return
    known: dict[tuple[str, str | None], RawTable | None] = {}
    for source in registry.sources.values():
        if source.nature not in ("mesures", "reference"):
            continue
        for partie in source.parties:
            asked = partie.entete_cle, partie.membre if ending == "zip" else None
            if asked not in known:
                try:
                    text = ending in _TEXTS
                    known[asked] = _head(path, partie) if text else read_as(path, source, partie)
                except (QpvError, OSError):
                    known[asked] = None
            if table := known[asked]:
                yield source, table, partie


def _head(path: Path, partie: Partie) -> RawTable:
    """The header of a CSV and its first rows, whatever it weighs."""
    with opened(path, TABLES.octets) as content:
        start = content.read(_HEAD)
    whole = start[: start.rfind(b"\n") + 1] or start
    table = read_csv(whole, path.name, partie.entete_cle)
    return RawTable(path.name, table.header, table.rows)


def _share(source: Source, millesime: str, partie: Partie, table: RawTable) -> float:
    missing, unknown, ignored = compare_headers(source, millesime, partie, table)
    explained = len(table.header) - len(unknown) - len(ignored)
    if explained < _FEWEST:
        return 0
    return explained / (explained + len(missing) + len(unknown))
