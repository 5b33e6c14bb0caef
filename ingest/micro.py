"""Files of units (establishments, dwellings): read where the archive keeps them, never copied.

DuckDB is asked which columns a file has; the query that the build database turns into a view
selects the declared ones under their names, each read as declared. No row is read into Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.archive import ArchivedFile
from ingest.attributs import LONGUEURS_DE_CLE
from ingest.coherence import COLONNES_DE_REFERENCE
from ingest.header_faults import HeaderFault, short
from ingest.headers import attribute_headers
from ingest.landing import LandingReport
from ingest.limits import TABLES
from ingest.registry import Registry, Source
from ingest.unit_forms import UnitColumn, cell, quoted, value
from ingest.unit_judgement import UnitFile, ask, judge
from warehouse.base.errors import QpvError
from warehouse.base.text_tables import csv_reader, header_key
from warehouse.domain.format import nombre

SEPARATORS = (";", ",", "\t")
#: Units that a meeting of two files looks at: drawn by their key, the same ones in both.
_MET = 200_000


@dataclass(frozen=True)
class MicroFile:
    """One archived file of units: of which millésime, where, and what it is called."""

    millesime: str
    path: Path
    nom: str
    sha256: str


def inspect(
    source: Source,
    millesime: str,
    archived: ArchivedFile,
    *,
    out: Path,
    lists: Mapping[str, frozenset[str]],
) -> LandingReport:
    """Check that a file has every declared column, and judge what they hold.

    Args:
        out: where a landed file would be; the receipt goes beside it, nothing else is written.
        lists: perimeter → its QPV codes, of those that this edition lands.

    Raises:
        QpvError: neither Parquet nor csv, unreadable, a column missing, or a key or a column that
            cannot be counted (`ingest.unit_judgement`).
    """
    file = MicroFile(millesime, archived.path, archived.nom, archived.sha256)
    unit_file = _opened(source, file)
    judged = judge(source, unit_file, lists)
    report = LandingReport(source.id, millesime, out, sur_place=True)
    report.colonnes = [unit_file.entete_cle, *(c.header for c in unit_file.columns)]
    report.territoires, report.cellules = judged.lignes, judged.cellules
    return report


def micro_view(source: Source, files: list[MicroFile]) -> str:
    """The query of a micro source: key, attributes and origin, over all its files.

    Columns are those of a reference list (`code`, the attributs, `perimetre`, `source_id`,
    `millesime`, `fichier`, `sha256`); an attribut has the type that it declares (date, integer,
    double, boolean of a drapeau), else text. Without a file, no row.

    Raises:
        QpvError: a file is gone from the archive, or lacks a column.
    """
    if not files:
        key, *origin = COLONNES_DE_REFERENCE
        parts = [f"null::varchar as {name}" for name in (key, *origin)]
        parts += [f"{value(a, None)} as {a.nom}" for a in source.attributs]
        return f"select {', '.join(parts)} where false"
    return " union all by name ".join(selected(source, file)[0] for file in files)


def refuse_strangers(
    registry: Registry, files: Mapping[str, list[MicroFile]]
) -> list[tuple[str, str, float]]:
    """(source, other source, share of its keys that the other knows), of those that must meet.

    Raises:
        QpvError: two files of the same millésime that do not hold the same units.
    """
    met = []
    for source_id, own in files.items():
        for rencontre in registry[source_id].rencontres:
            for file in own:
                for other in files.get(rencontre.source, []):
                    if other.millesime == file.millesime:
                        share = _shared(registry, source_id, file, rencontre.source, other)
                        met.append((source_id, rencontre.source, share))
                        if share < rencontre.part:
                            raise _apart(file, other, share, rencontre.part)
    return met


def _shared(
    registry: Registry, source_id: str, file: MicroFile, other_id: str, other: MicroFile
) -> float:
    """The share of a file's keys that another knows; a siret is known by its siren."""
    ours, theirs = _opened(registry[source_id], file), _opened(registry[other_id], other)
    length = LONGUEURS_DE_CLE[theirs.identifiant]
    key = f"left({cell(ours.entete_cle, ours.type_cle)}, {length})"
    [(rows,)] = ask(f"select count(*) from {ours.scan}", file.nom)
    drawn = f"hash({{}}) % {max(1, rows // _MET)} = 0"
    other_key = cell(theirs.entete_cle, theirs.type_cle)
    [(asked, known)] = ask(
        f"with a as (select distinct {key} as cle from {ours.scan} as u "
        f"where {drawn.format(key)}), "
        f"b as (select distinct {other_key} as cle from {theirs.scan} as u "
        f"where {drawn.format(other_key)}) "
        "select count(*), count(b.cle) from a left join b on a.cle = b.cle",
        f"{file.nom} ou {other.nom}",
    )
    return known / asked if asked else 1.0


def _apart(file: MicroFile, other: MicroFile, share: float, part: float) -> QpvError:
    return QpvError(
        "deux fichiers d'unités ne parlent pas des mêmes : "
        f"{nombre(100 * share, 1)} % de celles du premier sont dans le second",
        ou=f"fichiers {file.nom} et {other.nom}, millésime {file.millesime}",
        attendu=f"au moins {nombre(100 * part, 0)} %",
        faire="prendre les deux fichiers du même mois, entiers (ou restreints au même territoire), "
        "et leurs identifiants tels que le producteur les écrit",
    )


def selected(source: Source, file: MicroFile) -> tuple[str, str]:
    """The query of one file, and what in it says where the file lies."""
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
    opened = _opened(source, file)
    columns = {c.attribut.nom: c for c in opened.columns}
    parts = [f"{cell(opened.entete_cle, opened.type_cle)} as code"]
    parts += [f"{value(a, columns.get(a.nom))} as {a.nom}" for a in source.attributs]
    parts += [f"{quoted(text)} as {nom}" for nom, text in origin.items()]
    return f"select {', '.join(parts)} from {opened.scan} as u", opened.scan


def _opened(source: Source, file: MicroFile) -> UnitFile:
    """A file with the declared columns that it has, under its own headers.

    Raises:
        QpvError: it cannot be read, or a column is missing.
    """
    scan, is_csv = _scan(file)
    described = {
        header_key(name): (name, kind)
        for name, kind, *_ in ask(f"describe select * from {scan}", file.nom)
    }
    [partie] = source.parts_of(file.millesime)
    headers = attribute_headers(source, file.millesime)
    wanted = [(a, headers[a.nom]) for a in source.attributs if a.nom in headers]
    missing = [h for a, h in wanted if a.obligatoire and header_key(h) not in described]
    if header_key(partie.entete_cle) not in described:
        missing = [partie.entete_cle, *missing]
    if missing:
        raise _lacking(source, file, missing, described.keys())
    entete_cle, type_cle = described[header_key(partie.entete_cle)]
    columns = [
        UnitColumn(a, *described[header_key(h)]) for a, h in wanted if header_key(h) in described
    ]
    named = partie.identifiant
    assert named is not None  # else the registry does not load
    return UnitFile(scan, file.nom, 2 if is_csv else 1, entete_cle, type_cle, named, columns)


def _lacking(
    source: Source, file: MicroFile, missing: list[str], present: Iterable[str]
) -> QpvError:
    """The refusal of a file without some columns, naming the millésime of its header, if any."""
    twins = [
        name
        for name in source.millesimes
        if name != file.millesime
        and {header_key(source.parts_of(name)[0].entete_cle)}
        | {
            header_key(h)
            for a in source.attributs
            if a.obligatoire and (h := attribute_headers(source, name).get(a.nom))
        }
        <= set(present)
    ]
    plural = "s" if len(missing) > 1 else ""
    said = f"colonne{plural} absente{plural} : {', '.join(missing)}"
    words = {
        "ou": f"fichier {file.nom}",
        "attendu": f"les colonnes que déclare ingest/sources/{source.id}.yml",
        "faire": "vérifier que c'est le bon fichier ; sinon dire ce qui a changé dans "
        f"`millesimes.{file.millesime}` (entetes, absentes)",
    }
    if twins:
        return QpvError(
            f"{said} ; cet en-tête est celui du millésime {' ou '.join(twins)}", **words
        )
    short_said = short("son en-tête n'est pas celui que le registre déclare", missing, ())
    return HeaderFault(said, raison=short_said, absentes=missing, **words)


def _refuse_repeated(file: MicroFile) -> None:
    """Refuse a Parquet of more units than bytes: each has a key of its own, which takes one."""
    try:
        rows = pq.read_metadata(file.path).num_rows
    except (pa.ArrowException, OSError):  # what cannot be read is refused when it is asked
        return
    octets = file.path.stat().st_size
    if rows > max(TABLES.lignes, octets):
        raise QpvError(
            f"fichier d'unités démesuré : {nombre(rows, 0)} lignes dans {nombre(octets, 0)} octets",
            ou=f"fichier {file.nom}",
            attendu="une ligne par unité, chacune avec son identifiant",
            faire="reprendre le fichier du producteur",
        )


def _scan(file: MicroFile) -> tuple[str, bool]:
    """The DuckDB table function that streams a file, and whether it is a csv."""
    with file.path.open("rb") as content:
        head = content.read(1 << 16)
    if head.startswith(b"PAR1"):
        _refuse_repeated(file)
        return f"read_parquet({quoted(str(file.path))})", False
    if head.startswith((b"PK", b"\x1f\x8b", b"\xd0\xcf")):
        raise QpvError(
            "des micro-données ne se lisent pas dans une archive ou un classeur",
            ou=f"fichier {file.nom}",
            attendu="un fichier Parquet ou csv",
            faire="prendre le fichier Parquet du producteur, ou extraire le csv",
        )
    line = head.decode("utf-8-sig", "replace").splitlines()[0]
    separator = max(SEPARATORS, key=lambda s: len(next(csv_reader([line], s))))
    options = "header = true, all_varchar = true, quote = '\"', escape = '\"'"
    return f"read_csv({quoted(str(file.path))}, delim = {quoted(separator)}, {options})", True
