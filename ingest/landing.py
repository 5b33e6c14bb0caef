"""From archived files to faithful Parquet: headers, keys, NOTE codes, statuts. Nothing guessed."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.archive import ArchivedFile
from ingest.readers import RawTable, read_table
from ingest.registry import Bloc, Partie, Source, header_key
from ingest.values import CellError, parse_cell
from warehouse.errors import QpvError
from warehouse.periods import bounds

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

_QPV = re.compile(r"Q[PN][0-9]{2}[0-9AB][0-9]{2,3}[A-Z]?")
_NOTE_READ_WITH_CARE = "le producteur signale ce quartier à lire avec prudence (NOTE 1)"
_MOTIFS = {
    "secret_producteur": "case laissée vide par le producteur (secret statistique ou précision)",
    "non_diffuse": "non diffusé par le producteur (NOTE {note})",
    "hors_champ": "la source ne couvre pas ce territoire",
}


@dataclass
class LandingReport:
    """What a landing read: rows of territories, cells by statut, headers left aside and why."""

    source_id: str
    millesime: str
    path: Path
    territoires: int = 0
    statuts: dict[str, int] = field(default_factory=dict)
    ignorees: dict[str, str] = field(default_factory=dict)
    colonnes: list[str] = field(default_factory=list)


def land(
    source: Source,
    millesime: str,
    files: list[tuple[Partie, ArchivedFile]],
    *,
    out: Path,
    codes_qpv: frozenset[str] | None,
) -> LandingReport:
    """Write one source's millésime as Parquet and say what was read.

    Args:
        files: each part of the millésime with its archived file.
        out: the Parquet file to write, replaced whole or not at all.
        codes_qpv: the QPV of the perimeter, to refuse an unknown code; None for the lists
            that define them.

    Raises:
        QpvError: anything that the registry does not explain, with file, row and column.
    """
    report = LandingReport(source.id, millesime, out)
    if source.nature == "reference":
        table = _reference_table(source, millesime, files, report)
    else:
        read = _long_cells if source.nature == "longue" else _block_cells
        columns: dict[str, list] = {name: [] for name in MESURES_SCHEMA.names}
        for partie, archived in files:
            raw = _raw(source, partie, archived)
            for cell in read(source, millesime, partie, raw, codes_qpv, report):
                cell |= {
                    "source_id": source.id,
                    "millesime": millesime,
                    "fichier": archived.nom,
                    "sha256": archived.sha256,
                }
                for name in MESURES_SCHEMA.names:
                    columns[name].append(cell[name])
                report.statuts[cell["statut"]] = report.statuts.get(cell["statut"], 0) + 1
        table = pa.table(columns, schema=MESURES_SCHEMA)
    write_atomically(table, out)
    return report


def schema_of(source: Source) -> pa.Schema:
    """The columns of a source once landed: long cells, or a wide text table for a reference."""
    if source.nature != "reference":
        return MESURES_SCHEMA
    names = ["code", *(a.nom for a in source.attributs)]
    names += ["perimetre", "source_id", "millesime", "fichier", "sha256"]
    return pa.schema([(name, pa.string()) for name in names])


def write_atomically(table: pa.Table, out: Path) -> None:
    """A Parquet file that is there whole or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    draft = out.with_suffix(f".{os.getpid()}.tmp")
    try:
        pq.write_table(table, draft, compression="zstd")
        os.replace(draft, out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise QpvError(
            f"écriture impossible : {error.strerror}", ou=out.name, faire="libérer du disque"
        ) from error


def _raw(source: Source, partie: Partie, archived: ArchivedFile) -> RawTable:
    return read_table(
        archived.path,
        nom=archived.nom,
        fmt=source.format,
        entete_cle=partie.entete_cle,
        membre=partie.membre,
        feuille=source.feuille,
    )


def _keys(
    source: Source, partie: Partie, raw: RawTable, codes_qpv: frozenset[str] | None
) -> Iterator[tuple[int, str, list[str]]]:
    """(row number, code_territoire, cells) of the rows that are territories."""
    at = [header_key(h) for h in raw.header].index(header_key(partie.entete_cle))
    seen: dict[str, int] = {}
    for number, cells in raw.rows:
        text = cells[at].strip()
        if any(re.fullmatch(i.entete, text) for i in source.lignes_ignorees):
            continue
        code = _territory(partie, text)
        if code is None:
            raise QpvError(
                f"clé illisible : {text!r}",
                ou=raw.where(number, raw.header[at]),
                attendu=f"un code de type {partie.cle}",
                faire="reprendre le fichier du producteur, ou déclarer la ligne ignorée",
            )
        if codes_qpv is not None and code.startswith("Q") and "@" not in code:
            if code not in codes_qpv:
                raise QpvError(
                    f"code QPV inconnu : {code}",
                    ou=raw.where(number, raw.header[at]),
                    attendu=f"un des {len(codes_qpv)} QPV de la liste de ce périmètre",
                    faire="vérifier le périmètre du fichier (2015 ou 2024) et la liste des QPV",
                )
        if code in seen and source.nature != "longue":
            raise QpvError(
                f"territoire en double : {code}",
                ou=raw.where(number, raw.header[at]),
                attendu=f"une ligne par territoire ; il est déjà à la ligne {seen[code]}",
                faire="reprendre le fichier du producteur",
            )
        seen[code] = number
        yield number, code, cells


def _territory(partie: Partie, text: str) -> str | None:
    """The contract's code of a territory from the producer's key; None when it is not one."""
    kind = partie.cle
    if kind == "qpv":
        return text if _QPV.fullmatch(text) else None
    if kind == "metropole":
        return "FRMETRO" if text in ("1", "FRMETRO") else None
    siren = re.fullmatch(r"\d{9}", text)
    if kind == "epci":
        return f"EPCI:{text}" if siren else None
    if kind == "departement":
        return f"DEP:{text.zfill(2)}" if re.fullmatch(r"\d{1,3}|2[AB]", text) else None
    if kind == "mixte":
        if siren:
            return f"EPCI:{text}"
        dep = re.fullmatch(r"D(\d{1,3}|2[AB])", text)
        return f"DEP:{dep[1].zfill(2)}" if dep else None
    return text or None


def _mapping(
    source: Source, millesime: str, partie: Partie, raw: RawTable, report: LandingReport
) -> list[tuple[str, Bloc, int | None, list[tuple]]]:
    """(block, its definition, index of NOTE, [(column, header index, header, period)]).

    Every header of the file is a key, a mesure, a NOTE or declared ignored; every declared
    header is in the file. Anything else is refused, by name.
    """
    where = {header_key(h): i for i, h in enumerate(raw.header) if h}
    used = {header_key(partie.entete_cle)}
    mapped, missing = [], []
    for name, bloc in source.blocs.items():
        expected = source.columns_of(name, millesime)
        note = source.note_of(name, millesime) if expected else None
        if note is not None:
            used.add(header_key(note))
            if header_key(note) not in where:
                missing.append(note)
        columns = []
        for column, header, periode in expected:
            used.add(header_key(header))
            if header_key(header) in where:
                columns.append((column, where[header_key(header)], header, periode))
            else:
                missing.append(header)
        if expected:
            at = where.get(header_key(note)) if note is not None else None
            mapped.append((name, bloc, at, columns))
    unknown = _left_over(source, raw, used, report)
    if missing or unknown:
        raise _drift(source, millesime, partie, raw, missing, unknown)
    report.colonnes += [header for _, _, _, columns in mapped for _, _, header, _ in columns]
    return mapped


def _left_over(
    source: Source, raw: RawTable, used: set[str], report: LandingReport
) -> list[str]:
    """Headers that nothing explains; a nameless column counts only when it holds something."""
    unknown = []
    for index, header in enumerate(raw.header):
        if header_key(header) in used:
            continue
        if not header or re.fullmatch(r"Unnamed: \d+", header):
            filled = next((n for n, cells in raw.rows if cells[index].strip()), None)
            if filled is not None:
                unknown.append(f"(sans nom, colonne {index + 1}, remplie à la ligne {filled})")
            continue
        for ignored in source.colonnes_ignorees:
            if re.fullmatch(ignored.entete, header, re.IGNORECASE):
                report.ignorees[header] = ignored.raison
                break
        else:
            unknown.append(header)
    return unknown


def _drift(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    missing: list[str],
    unknown: list[str],
) -> QpvError:
    """The refusal of a header that differs, naming the millésime that it looks like, if any."""
    said = []
    if missing:
        said.append(f"colonnes absentes : {', '.join(missing)}")
    if unknown:
        said.append(f"colonnes inconnues : {', '.join(unknown)}")
    headers = {header_key(h) for h in raw.header}
    twins = [
        m
        for m in source.millesimes
        if m != millesime and _layout(source, m) and _layout(source, m) <= headers
    ]
    hint = f" ; cet en-tête est celui du millésime {', '.join(twins)}" if twins else ""
    return QpvError(
        f"l'en-tête n'est pas celui du millésime {millesime} de {source.id}{hint}",
        ou=f"{raw.where()} : {' ; '.join(said)}",
        attendu=f"les colonnes que déclare ingest/sources/{source.id}.yml",
        faire="vérifier que c'est le fichier du bon millésime ; sinon dire ce qui a changé dans "
        f"`millesimes.{millesime}` (entetes, absentes) ou `colonnes_ignorees`",
    )


def _layout(source: Source, millesime: str) -> set[str]:
    return {
        header_key(header)
        for name in source.blocs
        for _, header, _ in source.columns_of(name, millesime)
    }


def _block_cells(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    codes_qpv: frozenset[str] | None,
    report: LandingReport,
) -> Iterator[dict]:
    """Cells of a file with one row per territory and one column per mesure."""
    mapped = _mapping(source, millesime, partie, raw, report)
    perimetre = source.perimetre_of(millesime)
    for number, code, cells in _keys(source, partie, raw, codes_qpv):
        report.territoires += 1
        for name, bloc, note_at, columns in mapped:
            note = None if note_at is None else cells[note_at].strip().lower()
            for column, at, header, periode in columns:
                valeur, statut, motif = _judge(bloc, note, cells[at], column.type, raw, number, header)
                debut, fin = bounds(periode, bloc.fenetre_annees)
                yield {
                    "code_territoire": code,
                    "perimetre": perimetre,
                    "mesure": column.mesure,
                    "type_mesure": column.type,
                    "periode": periode,
                    "periode_debut": debut,
                    "periode_fin": fin,
                    "valeur": valeur,
                    "statut": statut,
                    "motif": motif,
                    "note": note,
                    "bloc": name,
                    "producteur": bloc.producteur,
                    "ligne": number,
                    "entete": header,
                }


def _judge(
    bloc: Bloc, note: str | None, text: str, kind: str, raw: RawTable, number: int, header: str
) -> tuple[float | None, str, str | None]:
    """Value, statut and motif of one cell under its block's NOTE."""
    try:
        valeur, statut, motif = parse_cell(text, kind)
    except CellError as error:
        raise QpvError(
            f"valeur impossible : {text.strip()!r}",
            ou=raw.where(number, header),
            attendu=error.attendu,
            faire="reprendre le fichier du producteur ; s'il est ainsi publié, corriger le type "
            "de la mesure au registre",
        ) from error
    if note is not None and note not in bloc.notes:
        raise QpvError(
            f"code NOTE inconnu : {note!r}",
            ou=raw.where(number),
            attendu=", ".join(repr(n) for n in bloc.notes),
            faire="chercher son sens dans la documentation du fichier et le déclarer dans `notes`",
        )
    if statut == "diffuse":
        return valeur, statut, _NOTE_READ_WITH_CARE if note == "1" else None
    if statut is not None:
        return None, statut, motif
    statut = bloc.notes[note] if note is not None else "secret_producteur"
    return None, statut, _MOTIFS[statut].format(note=note)


def _long_cells(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    codes_qpv: frozenset[str] | None,
    report: LandingReport,
) -> Iterator[dict]:
    """Cells of a file with one row per territory × mesure × period."""
    home = {c.mesure: (name, b, c.type) for name, b in source.blocs.items() for c in b.colonnes}
    where = {header_key(h): i for i, h in enumerate(raw.header)}
    wanted = {"mesure", "periode", "valeur"}
    unknown = _left_over(source, raw, wanted | {header_key(partie.entete_cle)}, report)
    if unknown or wanted - where.keys():
        raise _drift(source, millesime, partie, raw, sorted(wanted - where.keys()), unknown)
    seen: dict[tuple[str, str, str], int] = {}
    for number, code, cells in _keys(source, partie, raw, codes_qpv):
        mesure, periode = cells[where["mesure"]].strip(), cells[where["periode"]].strip()
        if mesure not in home:
            raise _unknown("mesure", mesure, home, source, raw, number)
        name, bloc, kind = home[mesure]
        periods = source.millesimes[millesime].periodes_of(name)
        if periode not in periods:
            raise _unknown("periode", periode, periods, source, raw, number)
        if earlier := seen.get((code, mesure, periode)):
            raise QpvError(
                f"chiffre en double : {code}, {mesure}, {periode}",
                ou=raw.where(number),
                attendu=f"une seule ligne ; il est déjà à la ligne {earlier}",
            )
        seen[(code, mesure, periode)] = number
        text = cells[where["valeur"]]
        valeur, statut, motif = _judge(bloc, None, text, kind, raw, number, "valeur")
        debut, fin = bounds(periode, bloc.fenetre_annees)
        yield {
            "code_territoire": code,
            "perimetre": source.perimetre_of(millesime) if code.startswith("Q") else "",
            "mesure": mesure,
            "type_mesure": kind,
            "periode": periode,
            "periode_debut": debut,
            "periode_fin": fin,
            "valeur": valeur,
            "statut": statut,
            "motif": motif,
            "note": None,
            "bloc": name,
            "producteur": bloc.producteur,
            "ligne": number,
            "entete": mesure,
        }
    report.territoires = len({code for code, _, _ in seen})


def _unknown(
    header: str, text: str, allowed: Collection[str], source: Source, raw: RawTable, number: int
) -> QpvError:
    return QpvError(
        f"{header} inconnue : {text!r}",
        ou=raw.where(number, header),
        attendu=f"une de celles que déclare ingest/sources/{source.id}.yml : {', '.join(allowed)}",
    )


def _reference_table(
    source: Source,
    millesime: str,
    files: list[tuple[Partie, ArchivedFile]],
    report: LandingReport,
) -> pa.Table:
    """A wide text table: the key, the declared attributes, and where they come from."""
    edition = source.millesimes[millesime]
    names = schema_of(source).names
    columns: dict[str, list[str | None]] = {name: [] for name in names}
    for partie, archived in files:
        raw = _raw(source, partie, archived)
        where = {header_key(h): i for i, h in enumerate(raw.header)}
        headers = {a.nom: edition.entetes.get(a.nom, a.entete) for a in source.attributs}
        missing = [headers[a.nom] for a in source.attributs
                   if a.obligatoire and header_key(headers[a.nom]) not in where]
        used = {header_key(h) for h in [*headers.values(), partie.entete_cle]}
        unknown = _left_over(source, raw, used, report)
        if missing or unknown:
            raise _drift(source, millesime, partie, raw, missing, unknown)
        for _, code, cells in _keys(source, partie, raw, None):
            columns["code"].append(code)
            for nom, header in headers.items():
                at = where.get(header_key(header))
                columns[nom].append((cells[at].strip() or None) if at is not None else None)
            for nom, value in (
                ("perimetre", source.perimetre_of(millesime)),
                ("source_id", source.id),
                ("millesime", millesime),
                ("fichier", archived.nom),
                ("sha256", archived.sha256),
            ):
                columns[nom].append(value)
    report.territoires = len(columns["code"])
    return pa.table(columns, schema=schema_of(source))
