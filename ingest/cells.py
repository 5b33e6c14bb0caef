"""From rows to landed cells: one per territory, mesure and period, with its statut."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from typing import NamedTuple

from ingest.blocks import Bloc
from ingest.column_habits import column_habit, refuse_fractions
from ingest.file_parts import Partie
from ingest.headers import LONG_HEADERS, MappedBlock
from ingest.keys import territories
from ingest.readers import RawTable
from ingest.registry import Source
from ingest.values import CellError, ColumnReading, parse_cell, sense_of_sign
from warehouse.base.errors import QpvError
from warehouse.domain.periods import bounds
from warehouse.domain.producteur import CODE
from warehouse.domain.statuts import blanks
from warehouse.domain.types_territoire import bears_perimeter

_NOTE_READ_WITH_CARE = "le producteur signale ce quartier à lire avec prudence (NOTE 1)"
_DECLARE = (
    "chercher dans la documentation du fichier ce que ce signe veut dire, et le déclarer dans "
    "`signes` du bloc"
)
#: Value, statut and motif of a cell.
Judgement = tuple[float | None, str, str | None]


class Cell(NamedTuple):
    """A landed cell, without what is the same for its whole file; a tuple, as there are millions.

    `note`: the NOTE code of its row; `ligne`, `entete`: where it stands in the file.
    """

    code_territoire: str
    perimetre: str
    mesure: str
    type_mesure: str
    periode: str
    periode_debut: date
    periode_fin: date
    valeur: float | None
    statut: str
    motif: str | None
    champ: str | None
    note: str | None
    bloc: str
    producteur: str
    ligne: int
    entete: str


def block_cells(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    codes_qpv: frozenset[str] | None,
    blocs: list[MappedBlock],
) -> Iterator[Cell]:
    """Cells of a file with one row per territory and one column per mesure.

    Of the producer's own line of all its QPV, those that it fills, with what they cover.

    Raises:
        QpvError: a cell that cannot be read, or rows of one territory that disagree.
    """
    perimetre, line = source.perimetre_of(millesime), source.line_of(millesime)
    columns = [c for mapped in blocs for c in mapped.colonnes]
    habits = {c.at: column_habit(raw, c.at) for c in columns}
    readings = {c.at: ColumnReading(c.type, c.bornes, habits[c.at], c.ecriture) for c in columns}
    for c in columns:
        refuse_fractions((cells[c.at] for _, cells in raw.rows), readings[c.at], raw, c.entete)
    first: dict[str, tuple[int, list[str]]] = {}
    # Of each column of a block, what its texts were judged under each NOTE: few differ.
    judged: dict[tuple[str, int], dict[tuple[str, str | None], Judgement]]
    judged = {(mapped.nom, c.at): {} for mapped in blocs for c in mapped.colonnes}
    for number, code, cells in territories(source, millesime, partie, raw, codes_qpv):
        if partie.lignes_repetees:
            if code in first:
                _refuse_disagreement(code, first[code], (number, cells), blocs, raw)
                continue
            first[code] = (number, cells)
        for mapped in blocs:
            note = _note(mapped, raw, number, cells) if code != CODE else None
            for column in mapped.colonnes:
                said = line.said(mapped.nom, column.type) if line and code == CODE else None
                if code == CODE and (said is None or not cells[column.at].strip()):
                    continue
                text, known = cells[column.at], judged[mapped.nom, column.at]
                if (text, note) not in known:
                    known[text, note] = _judge(
                        text, readings[column.at], mapped.bloc, note, raw, number, column.entete
                    )
                valeur, statut, motif = known[text, note]
                champ, motif = said or (None, motif)
                yield Cell(
                    code,
                    perimetre,
                    column.mesure,
                    column.type,
                    column.periode,
                    column.debut,
                    column.fin,
                    valeur,
                    statut,
                    motif,
                    champ,
                    note,
                    mapped.nom,
                    mapped.bloc.producteur,
                    number,
                    column.entete,
                )


def _refuse_disagreement(
    code: str,
    known: tuple[int, list[str]],
    again: tuple[int, list[str]],
    blocs: list[MappedBlock],
    raw: RawTable,
) -> None:
    """The rows of one territory carry its figures again, or the file is not to be read."""
    columns = {c.at: c.entete for mapped in blocs for c in mapped.colonnes}
    columns |= {m.note_at: raw.header[m.note_at] for m in blocs if m.note_at is not None}
    for at, header in columns.items():
        one, other = known[1][at].strip(), again[1][at].strip()
        if one != other:
            raise QpvError(
                f"lignes {known[0]} et {again[0]} en désaccord sur {code} : "
                f"{raw.cell(one)} et {raw.cell(other)}",
                ou=raw.where(again[0], header),
                attendu="la même valeur sur toutes les lignes d'un territoire",
                faire="reprendre le fichier, ou demander à qui l'a fait ce qui vaut",
            )


def long_cells(
    source: Source,
    millesime: str,
    partie: Partie,
    raw: RawTable,
    codes_qpv: frozenset[str] | None,
) -> Iterator[Cell]:
    """Cells of a file with one row per territory × mesure × period."""
    home = {c.mesure: (name, b, c) for name, b in source.blocs.items() for c in b.colonnes}
    at_mesure, at_periode, at_valeur = (raw.positions()[header] for header in LONG_HEADERS)
    habit = column_habit(raw, at_valeur)
    readings = {
        m: ColumnReading(c.type, c.bornes, habit, c.ecriture) for m, (_, _, c) in home.items()
    }
    for mesure, reading in readings.items():
        texts = (cells[at_valeur] for _, cells in raw.rows if cells[at_mesure].strip() == mesure)
        refuse_fractions(texts, reading, raw, f"valeur ({mesure})")
    seen: dict[tuple[str, str, str], int] = {}
    for number, code, cells in territories(source, millesime, partie, raw, codes_qpv):
        mesure, periode = cells[at_mesure].strip(), cells[at_periode].strip()
        if mesure not in home:
            raise _undeclared("mesure", mesure, home, source, raw, number)
        name, bloc, column = home[mesure]
        periods = source.millesimes[millesime].periodes_of(name)
        if periode not in periods:
            raise _undeclared("periode", periode, periods, source, raw, number)
        if earlier := seen.get((code, mesure, periode)):
            raise QpvError(
                f"chiffre en double : {code}, {mesure}, {periode}",
                ou=raw.where(number, "valeur"),
                attendu=f"une seule ligne ; il est déjà à la ligne {earlier}",
                faire="n'en garder qu'une",
            )
        seen[(code, mesure, periode)] = number
        reading = readings[mesure]
        valeur, statut, motif = _judge(cells[at_valeur], reading, bloc, None, raw, number, "valeur")
        debut, fin = bounds(periode, bloc.fenetre_annees)
        yield Cell(
            code,
            source.perimetre_of(millesime) if bears_perimeter(code) else "",
            mesure,
            column.type,
            periode,
            debut,
            fin,
            valeur,
            statut,
            motif,
            None,
            None,
            name,
            bloc.producteur,
            number,
            mesure,
        )


def _note(mapped: MappedBlock, raw: RawTable, number: int, cells: list[str]) -> str | None:
    """The NOTE code of a row; None where the block has no such column."""
    at = mapped.note_at
    if at is None:
        return None
    note = cells[at].strip().lower()
    if note not in mapped.bloc.notes:
        raise QpvError(
            f"code NOTE inconnu : {raw.cell(note)}",
            ou=raw.where(number, raw.header[at]),
            attendu=", ".join(repr(n) for n in mapped.bloc.notes),
            faire="chercher son sens dans la documentation du fichier et le déclarer dans `notes`",
        )
    return note


def number_text(text: str, reading: ColumnReading, raw: RawTable, number: int, header: str) -> str:
    """A number of a reference table, written as code reads it; empty where it is missing.

    Raises:
        QpvError: not a number, or one outside what its type allows.
    """
    valeur, _, _ = read_number(text, reading, raw, number, header)
    return "" if valeur is None else f"{valeur:.17g}"


def codes_text(text: str, largeur: int, raw: RawTable, number: int, header: str) -> str:
    """Codes that a file puts end to end, separated by `;`; empty where there is none.

    Args:
        largeur: how many characters a code has.

    Raises:
        QpvError: what is left after separators is not a whole number of such codes.
    """
    bare = re.sub(r"[\s;,]", "", text)
    if len(bare) % largeur or not re.fullmatch(r"[0-9A-Z]*", bare):
        raise QpvError(
            f"codes mis bout à bout illisibles : {raw.cell(text)}",
            ou=raw.where(number, header),
            attendu=f"des codes de {largeur} caractères, chiffres ou capitales, sans séparateur",
            faire="reprendre le fichier du producteur ; un tableur ôte le zéro de tête d'un code",
        )
    return ";".join(bare[at : at + largeur] for at in range(0, len(bare), largeur))


def read_number(
    text: str,
    reading: ColumnReading,
    raw: RawTable,
    number: int,
    header: str,
    *,
    signes: bool = False,
) -> tuple[float | None, str | None, str | None]:
    """Value, statut and motif of a cell as `parse_cell` gives them, or where it is unreadable.

    `signes`: its column is one of a block, which can declare the signs of its producer.

    Raises:
        QpvError: not a number, or one outside what its column allows.
    """
    try:
        return parse_cell(text, reading)
    except CellError as error:
        quoi = f" ({error.quoi})" if error.quoi else ""
        faire = _DECLARE if error.est_signe and signes else error.faire
        raise QpvError(
            f"valeur impossible : {raw.cell(text)}{quoi}",
            ou=raw.where(number, header),
            attendu=error.attendu,
            faire=faire
            or "reprendre le fichier du producteur ; s'il est ainsi publié, "
            "corriger le type de la mesure au registre",
        ) from error


def _judge(
    text: str,
    reading: ColumnReading,
    bloc: Bloc,
    note: str | None,
    raw: RawTable,
    number: int,
    header: str,
) -> Judgement:
    """Value, statut and motif of one cell under its block's signs and NOTE."""
    sign = sense_of_sign(text, bloc.signes) if bloc.signes else None
    valeur, statut, motif = (
        (None, *sign) if sign else read_number(text, reading, raw, number, header, signes=True)
    )
    blank = "secret_producteur" if note is None else bloc.notes[note]
    if statut == "diffuse":
        if blank != "secret_producteur":
            raise QpvError(
                f"le fichier se contredit : {raw.cell(text)} sous la NOTE {note!r} ({blank})",
                ou=raw.where(number, header),
                attendu="une case vide sous cette NOTE",
                faire="demander au producteur ce qui vaut ; si cette NOTE admet des valeurs, le "
                "dire dans `notes` du bloc",
            )
        return valeur, statut, _NOTE_READ_WITH_CARE if note == "1" else None
    if statut is not None and blank == "secret_producteur":
        return None, statut, motif
    if bloc.case_vide and blank == "secret_producteur":
        return None, "non_disponible", bloc.case_vide
    return None, blank, blanks()[blank].format(note=note)


def _undeclared(
    header: str, text: str, allowed: Collection[str], source: Source, raw: RawTable, number: int
) -> QpvError:
    return QpvError(
        f"{header} inconnue : {raw.cell(text)}",
        ou=raw.where(number, header),
        attendu=f"une de celles que déclare ingest/sources/{source.id}.yml : {', '.join(allowed)}",
    )
