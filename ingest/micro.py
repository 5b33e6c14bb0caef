"""Files of units (establishments, dwellings): read where the archive keeps them, never copied.

DuckDB is asked which columns a file has; the query that the build database turns into a view
selects the declared ones under their names. No row is read into Python.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.archive import ArchivedFile
from ingest.coherence import COLONNES_DE_REFERENCE
from ingest.header_names import header_key
from ingest.headers import attribute_headers
from ingest.landing import LandingReport
from ingest.registry import Source
from warehouse.errors import QpvError

SEPARATORS = (";", ",", "\t")


@dataclass(frozen=True)
class MicroFile:
    """One archived file of units: of which millésime, where, and what it is called."""

    millesime: str
    path: Path
    nom: str
    sha256: str


def inspect(source: Source, millesime: str, archived: ArchivedFile, *, out: Path) -> LandingReport:
    """Check that a file has every declared column and that its rows can be counted.

    Args:
        out: where a landed file would be; the receipt goes beside it, nothing else is written.

    Raises:
        QpvError: neither Parquet nor csv, unreadable, or a column missing: it is named.
    """
    file = MicroFile(millesime, archived.path, archived.nom, archived.sha256)
    columns = _columns(source, file)
    report = LandingReport(source.id, millesime, out, sur_place=True)
    report.colonnes = [header for header in columns.values() if header]
    [(report.territoires,)] = _ask(f"select count(*) from {_scan(file)}", file)
    return report


def micro_view(source: Source, files: list[MicroFile]) -> str:
    """The query of a micro source: key, attributes and origin, over all its files.

    Columns are those of a reference list (`code`, the attributs, `perimetre`, `source_id`,
    `millesime`, `fichier`, `sha256`); types are the file's own. Without a file, no row.

    Raises:
        QpvError: a file is gone from the archive, or lacks a column.
    """
    if not files:
        key, *origin = COLONNES_DE_REFERENCE
        names = [key, *(a.nom for a in source.attributs), *origin]
        return f"select {', '.join(f'null::varchar as {name}' for name in names)} where false"
    return " union all by name ".join(_select(source, file) for file in files)


def _select(source: Source, file: MicroFile) -> str:
    if not file.path.is_file():
        raise QpvError(
            "le fichier archivé n'est plus là",
            ou=f"fichier {file.nom}, sha256 {file.sha256[:12]}",
            faire=f"matérialiser de nouveau landing/{source.id}",
        )
    origin = {
        "perimetre": source.perimetre_of(file.millesime),
        "source_id": source.id,
        "millesime": file.millesime,
        "fichier": file.nom,
        "sha256": file.sha256,
    }
    parts = [
        f"{_name(header) if header else 'null::varchar'} as {nom}"
        for nom, header in _columns(source, file).items()
    ]
    parts += [f"{_text(value)} as {nom}" for nom, value in origin.items()]
    return f"select {', '.join(parts)} from {_scan(file)}"


def _columns(source: Source, file: MicroFile) -> dict[str, str | None]:
    """Column of the view → header in the file, None for an optional one that it lacks."""
    described = _ask(f"describe select * from {_scan(file)}", file)
    present = {header_key(name): name for name, *_ in described}
    [partie] = source.parts_of(file.millesime)
    headers = attribute_headers(source, file.millesime)
    wanted = {"code": partie.entete_cle} | {a.nom: headers.get(a.nom) for a in source.attributs}
    optional = {a.nom for a in source.attributs if not a.obligatoire}
    found = {nom: present.get(header_key(h)) if h else None for nom, h in wanted.items()}
    missing = [h for n, h in wanted.items() if h and n not in optional and not found[n]]
    if missing:
        raise QpvError(
            f"colonne{'s' if len(missing) > 1 else ''} absente{'s' if len(missing) > 1 else ''} : "
            f"{', '.join(missing)}",
            ou=f"fichier {file.nom}",
            attendu=f"les colonnes que déclare ingest/sources/{source.id}.yml",
            faire="vérifier que c'est le bon fichier ; sinon dire ce qui a changé dans "
            f"`millesimes.{file.millesime}` (entetes, absentes)",
        )
    return found


def _scan(file: MicroFile) -> str:
    """The DuckDB table function that streams a file."""
    with file.path.open("rb") as content:
        head = content.read(1 << 16)
    if head.startswith(b"PAR1"):
        return f"read_parquet({_text(str(file.path))})"
    if head.startswith((b"PK", b"\x1f\x8b", b"\xd0\xcf")):
        raise QpvError(
            "des micro-données ne se lisent pas dans une archive ou un classeur",
            ou=f"fichier {file.nom}",
            attendu="un fichier Parquet ou csv",
            faire="prendre le fichier Parquet du producteur, ou extraire le csv",
        )
    line = head.decode("utf-8-sig", "replace").splitlines()[0]
    separator = max(SEPARATORS, key=lambda s: len(next(csv.reader([line], delimiter=s))))
    options = "header = true, all_varchar = true, quote = '\"', escape = '\"'"
    return f"read_csv({_text(str(file.path))}, delim = {_text(separator)}, {options})"


def _ask(query: str, file: MicroFile) -> list[tuple]:
    try:
        with duckdb.connect(config={"threads": 2}) as con:
            return con.execute(query).fetchall()
    except duckdb.Error as error:
        raise QpvError(
            f"fichier illisible ou tronqué ({type(error).__name__})",
            ou=f"fichier {file.nom}",
            attendu="un fichier Parquet ou csv entier, en UTF-8",
            faire="reprendre le fichier du producteur",
        ) from error


def _name(header: str) -> str:
    return '"' + header.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
