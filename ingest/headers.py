"""The header of a file against the registry: every column is explained, or the file is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ingest.blocks import Bloc
from ingest.file_parts import Partie
from ingest.first_sight import refuse_unexplained
from ingest.header_faults import HeaderFault, short
from ingest.header_names import fill
from ingest.readers import RawTable
from ingest.registry import Source
from warehouse.base.errors import QpvError
from warehouse.base.numbers import Ecriture
from warehouse.base.text_tables import header_key
from warehouse.declared.bornes import Bornes
from warehouse.domain.format import premiers
from warehouse.domain.periods import bounds

#: The columns of a source that gives one row per figure.
LONG_HEADERS = ("mesure", "periode", "valeur")
#: Beyond so many names, a list of columns says no more than "another file".
_SAID = 20


@dataclass(frozen=True)
class MappedColumn:
    """One column of the file: its mesure and what it describes."""

    mesure: str
    type: str
    bornes: Bornes | None
    entete: str
    at: int
    periode: str
    debut: date
    fin: date
    ecriture: Ecriture | None


@dataclass(frozen=True)
class MappedBlock:
    """The columns of a block that this file holds, and the position of its NOTE column."""

    nom: str
    bloc: Bloc
    note_at: int | None
    colonnes: list[MappedColumn]


def explain(source: Source, millesime: str, partie: Partie, raw: RawTable) -> dict[str, str]:
    """The headers that the registry says to leave aside, and why.

    Raises:
        HeaderFault: a declared header is not in the file, or one of the file is not declared; the
            message names them all.
        QpvError: the header is the one of another millésime, which is named.
    """
    missing, unknown, ignored = compare_headers(source, millesime, partie, raw)
    twins = []
    if missing or unknown:
        twins = [m for m in source.millesimes if m != millesime and _is_layout_of(source, m, raw)]
    if source.is_unseen(millesime) and all(source.is_unseen(m) for m in twins):
        refuse_unexplained(source, millesime, partie, raw, missing, unknown)
    elif missing or unknown:
        raise _drift(source, millesime, raw, missing, unknown, twins)
    return ignored


def map_blocks(source: Source, millesime: str, raw: RawTable) -> list[MappedBlock]:
    """The blocks of a millésime, placed in a file that `explain` accepted."""
    where = raw.positions()
    mapped = []
    for name in source.millesimes[millesime].periodes:
        bloc, note = source.blocs[name], source.note_of(name, millesime)
        columns = [
            MappedColumn(
                column.mesure,
                column.type,
                column.bornes,
                header,
                where[header_key(header)],
                periode,
                *bounds(periode, bloc.fenetre_annees),
                column.ecriture,
            )
            for column, header, periode in source.columns_of(name, millesime)
        ]
        note_at = None if note is None or not columns else where[header_key(note)]
        mapped.append(MappedBlock(name, bloc, note_at, columns))
    return mapped


def attribute_headers(source: Source, millesime: str) -> dict[str, str]:
    """Attribute of a reference table → the header that it bears in a millésime."""
    edition = source.millesimes[millesime]
    return {
        a.nom: fill(edition.entetes.get(a.nom, a.entete), millesime)
        for a in source.attributs
        if a.nom not in edition.absentes and not a.constante
    }


def _declared(source: Source, millesime: str) -> dict[str, bool]:
    """Header → whether the file must bear it."""
    if source.nature == "longue":
        return dict.fromkeys(LONG_HEADERS, True)
    if source.nature == "reference":
        must = {a.nom: a.obligatoire for a in source.attributs}
        return {h: must[nom] for nom, h in attribute_headers(source, millesime).items()}
    declared: dict[str, bool] = {}
    for name in source.millesimes[millesime].periodes:
        columns = source.columns_of(name, millesime)
        note, communes = source.note_of(name, millesime), source.blocs[name].communes
        declared |= {fill(communes.liste, millesime): False} if communes else {}
        declared |= dict.fromkeys([h for _, h, _ in source.witnesses_of(name, millesime)], False)
        declared |= dict.fromkeys([h for _, h, _ in columns], True)
        declared |= {note: True} if note and columns else {}
    return declared


def compare_headers(
    source: Source, millesime: str, partie: Partie, raw: RawTable
) -> tuple[list[str], list[str], dict[str, str]]:
    """(declared and not in the file, in the file and not explained, header left aside → why)."""
    present = {header_key(h) for h in raw.header if h}
    declared = _declared(source, millesime)
    wanted = declared | {partie.entete_cle: True}
    wanted |= {partie.lignes.entete: True} if partie.lignes else {}
    missing = [h for h, must in wanted.items() if must and header_key(h) not in present]
    known = {header_key(h) for h in wanted}
    unknown, ignored = [], {}
    for index, header in enumerate(raw.header):
        if header_key(header) in known:
            continue
        if reason := _reason(source, millesime, header):
            ignored[header or f"(sans nom, colonne {index + 1})"] = reason
        elif header:
            unknown.append(header)
        elif filled := next((n for n, cells in raw.rows if cells[index].strip()), None):
            unknown.append(f"(sans nom, colonne {index + 1}, remplie à la ligne {filled})")
    return missing, unknown, ignored


def _reason(source: Source, millesime: str, header: str) -> str | None:
    own = source.millesimes[millesime].colonnes_ignorees
    for ignored in (*own, *source.colonnes_ignorees):
        if re.fullmatch(ignored.entete, header, re.IGNORECASE):
            return ignored.raison
    return None


def _drift(
    source: Source,
    millesime: str,
    raw: RawTable,
    missing: list[str],
    unknown: list[str],
    twins: list[str],
) -> QpvError:
    """The refusal of a header that differs, naming the millésime that it is the one of, if any."""
    said = []
    if missing:
        said.append(f"colonnes absentes : {premiers(missing, _SAID)}")
    if unknown:
        said.append(f"colonnes inconnues : {premiers(unknown, _SAID)}")
    hint = f" ; cet en-tête est celui du millésime {' ou '.join(twins)}" if twins else ""
    what = f"l'en-tête n'est pas celui du millésime {millesime} de {source.id}{hint}"
    places = {
        "ou": f"{raw.where()} : {' ; '.join(said)}",
        "attendu": f"les colonnes que déclare ingest/sources/{source.id}.yml",
        "faire": "vérifier que c'est le fichier du bon millésime ; sinon dire ce qui a changé dans "
        f"`millesimes.{millesime}` (entetes, absentes) ou `colonnes_ignorees`",
    }
    if twins:
        return QpvError(what, **places)
    reason = short("son en-tête n'est pas celui que le registre déclare", missing, unknown)
    return HeaderFault(what, **places, raison=reason, absentes=missing, inconnues=unknown)


def _is_layout_of(source: Source, millesime: str, raw: RawTable) -> bool:
    for partie in source.parts_of(millesime):
        missing, unknown, _ = compare_headers(source, millesime, partie, raw)
        if not missing and not unknown:
            return True
    return False
