"""From archived files to one Parquet per source and millésime. Nothing guessed, nothing dropped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.archive import ArchivedFile
from ingest.cells import Cell, block_cells, codes_text, long_cells, number_text
from ingest.coherence import COLONNES_DE_REFERENCE
from ingest.column_habits import column_habit, refuse_errors
from ingest.contours import check_outline
from ingest.damaged_text import refuse_damaged
from ingest.file_parts import Partie
from ingest.first_sight import read_unseen
from ingest.header_faults import of_layout
from ingest.headers import attribute_headers, explain, map_blocks
from ingest.keys import is_key, territories
from ingest.readers import RawTable, read_table
from ingest.registry import Source
from ingest.subjects import COMMUNES_SCHEMA, subject_rows
from ingest.trust import niveau_of, refused_of
from ingest.values import ColumnReading
from ingest.witnesses import TEMOINS_SCHEMA, witness_cells
from ingest.workbooks import NoSheet
from ingest.zips import NoMember, lacks_member
from warehouse.base.errors import QpvError
from warehouse.base.layout import subjects_of, witnesses_of
from warehouse.base.memory import unsearched
from warehouse.base.text_tables import NoHeader, header_key
from warehouse.domain.producteur import CODE

MESURES_SCHEMA = pa.schema(
    [
        ("code_territoire", pa.string()),
        ("perimetre", pa.string()),
        ("mesure", pa.string()),
        ("type_mesure", pa.string()),
        ("periode", pa.string()),
        ("periode_debut", pa.date32()),
        ("periode_fin", pa.date32()),
        ("valeur", pa.float64()),
        ("statut", pa.string()),
        ("motif", pa.string()),
        ("champ", pa.string()),
        ("note", pa.string()),
        ("bloc", pa.string()),
        ("producteur", pa.string()),
        ("source_id", pa.string()),
        ("millesime", pa.string()),
        ("fichier", pa.string()),
        ("sha256", pa.string()),
        ("ligne", pa.int32()),
        ("entete", pa.string()),
    ]
)


@dataclass
class LandingReport:
    """What a landing read: rows of territories, cells by statut, headers left aside and why.

    `par_cle`: kind of key (qpv, epci…) → rows of territories of the files that bear it.
    `contours`: territory → what was repaired in its outline, or why it is left aside. `rendus`:
    cells in which a control character was given back its letter. `cellules`: of a file of units,
    header → its cells that are blank (`vides`) or tolerated (`illisibles`). `anciens_codes`:
    territories that bear a code of an earlier list.
    """

    source_id: str
    millesime: str
    path: Path
    territoires: int = 0
    par_cle: dict[str, int] = field(default_factory=dict)
    statuts: dict[str, int] = field(default_factory=dict)
    ignorees: dict[str, str] = field(default_factory=dict)
    colonnes: list[str] = field(default_factory=list)
    sur_place: bool = False
    contours: dict[str, str] = field(default_factory=dict)
    rendus: int = 0
    cellules: dict[str, dict[str, int]] = field(default_factory=dict)
    anciens_codes: int = 0


@dataclass(frozen=True)
class ReadFile:
    """One file of a millésime: its table, and the headers left aside with their reasons."""

    partie: Partie
    archived: ArchivedFile
    raw: RawTable
    ignorees: dict[str, str]


def land(
    source: Source,
    millesime: str,
    files: Iterable[tuple[Partie, ArchivedFile]],
    *,
    out: Path,
    codes_qpv: frozenset[str] | None,
    communes: frozenset[str] | None = None,
) -> LandingReport:
    """Write one source's millésime as Parquet and say what was read.

    Its witness columns and its lists of communes, where it has some, go to files beside it
    (`witnesses_of`, `subjects_of`).

    Args:
        files: each part of the millésime with its archived file.
        out: the Parquet file to write, replaced whole or not at all.
        codes_qpv: the QPV of the perimeter, to refuse an unknown code; None for the lists
            that define them.
        communes: those that may hold a quarter; None reads all the rows of every file.

    Raises:
        QpvError: anything that the registry does not explain, with file, row and column.
    """
    kept, lines = without_missing_lines(files)
    read = [read_file(source, millesime, partie, archived) for partie, archived in kept]
    report = land_read(source, millesime, read, out=out, codes_qpv=codes_qpv, communes=communes)
    report.ignorees |= lines
    return report


@unsearched()
def land_read(
    source: Source,
    millesime: str,
    files: list[ReadFile],
    *,
    out: Path,
    codes_qpv: frozenset[str] | None,
    communes: frozenset[str] | None = None,
) -> LandingReport:
    """As `land`, of files whose headers are explained already."""
    report = LandingReport(source.id, millesime, out)
    columns: dict[str, list] = {name: [] for name in schema_of(source).names}
    temoins: list[dict] = []
    sujets: list[dict] = []
    for file in files:
        before = report.territoires
        partie, archived, raw = file.partie, file.archived, file.raw
        refuse_damaged(raw, file.ignorees)
        report.ignorees |= file.ignorees
        report.rendus += raw.rendus
        raw, aside = without_other_communes(partie, raw, communes)
        report.territoires += aside
        if source.nature == "reference":
            _add_entries(columns, source, millesime, partie, raw, archived, report)
            report.territoires = len(columns["code"])
        elif raw.rows or not aside:
            _add_cells(columns, source, millesime, partie, raw, archived, codes_qpv, report)
            temoins += witness_cells(source, millesime, partie, raw, codes_qpv)
            sujets += subject_rows(source, millesime, partie, raw, codes_qpv)
        own = report.par_cle.get(partie.cle, 0)
        report.par_cle[partie.cle] = own + report.territoires - before
    write_atomically(pa.table(columns, schema=schema_of(source)), out)
    for path, rows, schema in (
        (witnesses_of(out), temoins, TEMOINS_SCHEMA),
        (subjects_of(out), sujets, COMMUNES_SCHEMA),
    ):
        if rows:
            write_atomically(pa.Table.from_pylist(rows, schema=schema), path)
        else:
            path.unlink(missing_ok=True)
    return report


def without_other_communes(
    partie: Partie, raw: RawTable, communes: frozenset[str] | None
) -> tuple[RawTable, int]:
    """The rows to read of a file, and how many are left aside: communes without a quarter."""
    if partie.seulement is None or communes is None:
        return raw, 0
    at = raw.positions()[header_key(partie.entete_cle)]
    width = 9 if partie.cle == "iris" else 5
    kept = [(n, cells) for n, cells in raw.rows if cells[at].strip().zfill(width)[:5] in communes]
    return replace(raw, rows=kept), len(raw.rows) - len(kept)


def without_missing_lines(
    files: Iterable[tuple[Partie, ArchivedFile]],
) -> tuple[list[tuple[Partie, ArchivedFile]], dict[str, str]]:
    """The parts to read, and those left aside: the national line of an archive that has none."""
    kept, lines = [], {}
    for partie, archived in files:
        if partie.cle == "ligne_nationale" and lacks_member(archived.path, partie.membre):
            lines[str(partie.membre)] = "cette archive n'a pas la ligne nationale"
        else:
            kept.append((partie, archived))
    return kept, lines


@unsearched()
def read_file(source: Source, millesime: str, partie: Partie, archived: ArchivedFile) -> ReadFile:
    """The table of a file, its header explained.

    Raises:
        HeaderFault: its header, its key column, its sheet or its member is not the declared one.
        QpvError: it cannot be read, or is the file of another millésime.
    """
    try:
        raw = _read(source, millesime, partie, archived)
    except (NoHeader, NoSheet, NoMember) as error:
        raise of_layout(error) from error
    return ReadFile(partie, archived, raw, explain(source, millesime, partie, raw))


def _read(source: Source, millesime: str, partie: Partie, archived: ArchivedFile) -> RawTable:
    """The table of a file; of one never seen, also where its key bears an unexpected name."""

    def read(entete_cle: str) -> RawTable:
        raw = read_table(
            archived.path,
            nom=archived.nom,
            fmt=source.format,
            entete_cle=entete_cle,
            membre=partie.membre,
            feuille=partie.feuille or source.feuille,
            est_cle=partial(is_key, partie.cle),
            limites=source.limites,
        )
        return _own_rows(partie, replace(raw, confidentiel=source.acces != "publique"))

    if source.is_unseen(millesime):
        return read_unseen(source, millesime, partie, read)
    return read(partie.entete_cle)


def _own_rows(partie: Partie, raw: RawTable) -> RawTable:
    """The rows of figures: those of this kind of territory, and no labels of columns."""
    if partie.libelles:
        raw = replace(raw, rows=raw.rows[1:])
    if partie.lignes is None or header_key(partie.lignes.entete) not in raw.positions():
        return raw
    at, valeurs = raw.positions()[header_key(partie.lignes.entete)], partie.lignes.valeurs
    return replace(raw, rows=[(n, cells) for n, cells in raw.rows if cells[at].strip() in valeurs])


def schema_of(source: Source) -> pa.Schema:
    """The columns of a source once landed: long cells, or a wide text table for a reference."""
    if source.nature != "reference":
        return MESURES_SCHEMA
    code, *origin = COLONNES_DE_REFERENCE
    names = [code, *(a.nom for a in source.attributs), *origin]
    return pa.schema([(name, pa.string()) for name in names])


def write_atomically(table: pa.Table, out: Path) -> None:
    """A Parquet file that is there whole or not at all.

    Raises:
        QpvError: the file system refused.
    """
    write_whole(out, lambda draft: pq.write_table(table, draft, compression="zstd"))


def write_whole(out: Path, write: Callable[[Path], object]) -> None:
    """A file that is there whole or not at all; a run's only writer holds the data folder.

    Raises:
        QpvError: the file system refused.
    """
    draft = out.with_name(f"{out.name}.tmp")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        draft.replace(out)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise QpvError(
            f"écriture impossible : {error.strerror or error}",
            ou=str(out),
            faire="libérer du disque, ou vérifier les droits du dossier des données",
        ) from error


def _add_cells(
    columns: dict[str, list],
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    archived: ArchivedFile,
    codes_qpv: frozenset[str] | None,
    report: LandingReport,
) -> None:
    """The figures of one file, one cell each; none of a level that a third party's do not enter."""
    if source.nature == "longue":
        cells = long_cells(source, millesime, partie, raw, codes_qpv)
    else:
        blocs = [
            replace(mapped, colonnes=[c for c in mapped.colonnes if c.mesure not in partie.sans])
            for mapped in map_blocks(source, millesime, raw)
        ]
        report.ignorees |= {f"{partie.feuille}, {m}": why for m, why in partie.sans.items()}
        report.colonnes += [column.entete for mapped in blocs for column in mapped.colonnes]
        cells = block_cells(source, millesime, partie, raw, codes_qpv, blocs)
    origin = _origin(source, millesime, archived)
    kept = list(cells)
    if refused := refused_of(source.niveaux_refuses, millesime, source.blocs):
        places = [(cell.bloc, niveau_of(cell.code_territoire)) for cell in kept]
        report.ignorees |= {
            f"bloc {bloc}, niveau {niveau}": refused[bloc, niveau]
            for bloc, niveau in dict.fromkeys(places)
            if (bloc, niveau) in refused
        }
        kept = [cell for cell, at in zip(kept, places, strict=True) if at not in refused]
    told = dict(zip(Cell._fields, zip(*kept, strict=True), strict=True)) if kept else {}
    _add_columns(columns, told, len(kept), origin)
    for statut, count in Counter(told.get("statut", ())).items():
        report.statuts[statut] = report.statuts.get(statut, 0) + count
    report.territoires += len({*told.get("code_territoire", ())} - {CODE})


def _add_entries(
    columns: dict[str, list],
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    archived: ArchivedFile,
    report: LandingReport,
) -> None:
    """The rows of one reference file: the key, the declared attributes, and their origin.

    Raises:
        QpvError: a cell that is not the number or the codes that its attribute says.
    """
    where, headers = raw.positions(), attribute_headers(source, millesime)
    places = {nom: where.get(header_key(header)) for nom, header in headers.items()}
    origin = _origin(source, millesime, archived)
    origin |= {"perimetre": source.perimetre_of(millesime)}
    origin |= source.millesimes[millesime].constantes
    numbers = {a.nom: a.type for a in source.attributs if a.type}
    read = {nom: at for nom in numbers if (at := places.get(nom)) is not None}
    readings = {n: ColumnReading(numbers[n], habit=column_habit(raw, at)) for n, at in read.items()}
    widths = {
        a.nom: (at, a.largeur)
        for a in source.attributs
        if a.largeur and (at := places.get(a.nom)) is not None
    }
    is_local = partie.cle == "perimetre_local"
    entries = []
    for number, code, cells in territories(source, millesime, partie, raw, None):
        entry: dict[str, Any] = {"code": code}
        for nom, at in read.items():
            cells[at] = number_text(cells[at], readings[nom], raw, number, headers[nom])
        refuse_errors(cells, places, headers, raw, number)
        for nom, (at, width) in widths.items():
            cells[at] = codes_text(cells[at], width, raw, number, headers[nom])
        entry |= {n: cells[at].strip() or None for n, at in places.items() if at is not None}
        if source.format == "geojson":
            said = check_outline(entry, raw.where(number), local=is_local)
            report.contours |= {code: said} if said else {}
        entries.append(entry)
    named = entries[0].keys() if entries else ()
    told = {name: [entry[name] for entry in entries] for name in named}
    _add_columns(columns, told, len(entries), origin)


def _add_columns(
    columns: dict[str, list], told: Mapping[str, Iterable], rows: int, origin: dict[str, str]
) -> None:
    """Rows under those that are there, each with what is the same for all the rows of its file."""
    for name, column in columns.items():
        column += told[name] if name in told else [origin.get(name)] * rows


def _origin(source: Source, millesime: str, archived: ArchivedFile) -> dict[str, str]:
    return {
        "source_id": source.id,
        "millesime": millesime,
        "fichier": archived.nom,
        "sha256": archived.sha256,
    }
