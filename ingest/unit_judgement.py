"""A file of units, judged before anything is counted: its key, what each declared column holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import duckdb
import numpy as np

from ingest.attributs import FORMES_DE_CLE, Identifiant
from ingest.nomenclatures import load_nomenclatures
from ingest.registry import Source
from ingest.unit_forms import UnitColumn, cell, filled, holds, joins, quoted
from warehouse.base.errors import QpvError
from warehouse.domain.format import nombre

#: Rows and values that a refusal names: as many as help to find them.
_NAMED = 3
#: Less than a build's: the numbers of 42 million keys are held beside it.
_MEMORY = "1GB"


@dataclass(frozen=True)
class UnitFile:
    """A file of units as DuckDB streams it: the table function, its name, and its columns.

    `premiere`: the line of its first row (2 where a header line comes before). `identifiant`: what
    its key names.
    """

    scan: str
    nom: str
    premiere: int
    entete_cle: str
    type_cle: str
    identifiant: Identifiant
    columns: list[UnitColumn]


@dataclass
class Judged:
    """What was read of a file: rows, and by header its cells that are blank or tolerated."""

    lignes: int = 0
    cellules: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Fault:
    """A column that is refused: why, in how many rows, and which rows these are, as SQL."""

    header: str
    quoi: str
    nombre: int
    condition: str
    text: str
    attendu: str


def judge(source: Source, file: UnitFile, lists: Mapping[str, frozenset[str]]) -> Judged:
    """One pass over every declared column, then one over the key where each must come once.

    Args:
        lists: perimeter → its QPV codes; of a perimeter that is not in it, codes are not judged.

    Raises:
        QpvError: names the file, each column at fault, its first rows and what was expected.
    """
    known = load_nomenclatures()
    key = cell(file.entete_cle, file.type_cle)
    form, once, words = FORMES_DE_CLE[file.identifiant]
    bad_key = f"({key} is null or not regexp_full_match({key}, {quoted(form)}))"
    conditions = {"": bad_key}
    for column in file.columns:
        good = holds(column, file.columns, lists, known)
        conditions[column.attribut.nom] = f"({filled(column)} and not coalesce({good}, false))"
    parts = ["count(*)"] + [f"count(*) filter ({c})" for c in conditions.values()]
    parts += [f"count(*) filter ({filled(c)})" for c in file.columns]
    if not once:
        every = ", ".join(cell(c.header, c.type_sql) for c in file.columns)
        parts.append(f"bit_xor(hash({key}, {every}))")
    tables = f"{file.scan} as u {joins(file.columns, lists, known)}"
    rows, wrong_keys, *counts = ask(f"select {', '.join(parts)} from {tables}", file.nom)[0]
    if not rows:
        raise QpvError(
            "le fichier n'a aucune ligne", ou=f"fichier {file.nom}", faire="reprendre le fichier"
        )
    size = len(file.columns)
    faults, judged = [], Judged(rows)
    if wrong_keys:
        faults.append(
            _Fault(file.entete_cle, "clé vide ou mal écrite", wrong_keys, bad_key, key, words)
        )
    for column, wrong, full in zip(file.columns, counts[:size], counts[size:], strict=False):
        if found := _column_fault(column, rows, wrong, full, conditions):
            faults.append(found)
        judged.cellules[column.header] = {"vides": rows - full, "illisibles": wrong}
    if faults:
        raise _refusal(source, file, tables, rows, faults)
    if once:
        _refuse_twice(file, key, rows)
    elif rows > 1 and counts[-1] == 0:
        raise QpvError(
            "chaque ligne y est un nombre pair de fois : les mêmes unités sont écrites deux fois",
            ou=f"fichier {file.nom}, {_count(rows)} lignes",
            attendu="une ligne par unité",
            faire="reprendre le fichier du producteur, sans y ajouter un second",
        )
    return judged


def _column_fault(
    column: UnitColumn, rows: int, wrong: int, full: int, conditions: Mapping[str, str]
) -> _Fault | None:
    a, text = column.attribut, cell(column.header, column.type_sql)
    if wrong > a.tolerance * full:
        condition = conditions[a.nom]
        return _Fault(column.header, "contenu illisible ou hors liste", wrong, condition, text,
                      _expected(column))  # fmt: skip
    blank, empty = rows - full, not full and a.obligatoire
    if blank > a.vides * rows if a.vides is not None else empty:
        most = "aucune" if not a.vides else f"au plus {a.vides:.0%} des lignes"
        most = "une colonne remplie" if a.vides is None else f"{most} sans valeur"
        return _Fault(column.header, "cellules vides", blank, f"({text} is null)", text, most)
    return None


def _expected(column: UnitColumn) -> str:
    a = column.attribut
    words = {
        "date": "une date écrite aaaa-mm-jj",
        "entier": "un nombre entier, sans décimale ni espace",
        "decimal": "un nombre, sans espace ni séparateur de milliers",
    }
    if a.type:
        limits = f", de {a.bornes[0]:g} à {a.bornes[1]:g}" if a.bornes else ""
        return words[a.type] + limits
    if a.qpv:
        more = f", ou {', '.join(a.codes)}" if a.codes else ""
        return f"un code de la liste des QPV {a.qpv}{more}"
    if a.nomenclature:
        titles = " ou ".join(n.titre for n in load_nomenclatures().nomenclatures.values())
        return f"une activité de la nomenclature que la ligne nomme ({titles})"
    if a.forme:
        return f"la forme {a.forme}"
    codes = [*a.drapeau.oui, *a.drapeau.non] if a.drapeau else a.codes
    return f"un de : {', '.join(codes)}"


def _refusal(
    source: Source, file: UnitFile, tables: str, rows: int, faults: list[_Fault]
) -> QpvError:
    """One paragraph: every column at fault, in how many rows, the first of them, what was expected.

    Values are shown of columns of codes, of files that are open to all; never of a key.
    """
    said, attendu = [], []
    numbered = tables.replace(
        f"{file.scan} as u", f"(select *, row_number() over () as _ligne from {file.scan}) as u", 1
    )
    for fault in faults:
        query = f"select u._ligne, {fault.text} from {numbered} where {fault.condition} "
        first = ask(query + f"order by u._ligne limit {_NAMED}", file.nom)
        lines = [_count(line + file.premiere - 1) for line, _ in first]
        plural = "s" if len(lines) > 1 else ""
        place = f"colonne {fault.header} : {fault.quoi} dans {_count(fault.nombre)} lignes sur "
        place += f"{_count(rows)}, première{plural} ligne{plural} {', '.join(lines)}"
        values = list(dict.fromkeys(v[:20] for _, v in first if v is not None))
        if values and source.acces != "convention" and fault.header != file.entete_cle:
            place += f" ({', '.join(f'« {v} »' for v in values)})"
        said.append(place)
        attendu.append(f"{fault.header} : {fault.attendu}")
    return QpvError(
        f"un fichier d'unités de {source.id} ne peut être compté",
        ou=f"fichier {file.nom}, {' ; '.join(said)}",
        attendu=" ; ".join(attendu),
        faire="reprendre le fichier du producteur tel qu'il le publie, sans passer par un tableur "
        "(les identifiants et les codes y sont du texte, zéros de tête compris) ; si le producteur "
        f"écrit autrement, le déclarer sous `attributs` dans ingest/sources/{source.id}.yml",
    )


def _refuse_twice(file: UnitFile, key: str, rows: int) -> None:
    """Each key comes once: eight bytes a row, sorted, cheaper than any hash table of texts."""
    keys, read = np.empty(rows, dtype=np.int64), 0
    with connection() as con:
        try:
            reader = con.execute(f"select {key}::bigint as cle from {file.scan} as u")
            for batch in reader.to_arrow_reader(1 << 20):
                part = batch.column(0).to_numpy()
                keys[read : read + len(part)] = part
                read += len(part)
        except duckdb.Error as error:
            raise unreadable(file.nom, error) from error
    keys.sort()
    again = keys[1:][keys[1:] == keys[:-1]]
    if not len(again):
        return
    few = ", ".join(str(k) for k in dict.fromkeys(again[:50].tolist()))
    found = ask(
        f"select _ligne from (select *, row_number() over () as _ligne from {file.scan}) as u "
        f"where {key}::bigint in ({few}) order by _ligne limit {2 * _NAMED}",
        file.nom,
    )
    lines = ", ".join(_count(line + file.premiere - 1) for (line,) in found)
    raise QpvError(
        "la même unité y est plusieurs fois : elle serait comptée autant de fois",
        ou=f"fichier {file.nom}, colonne {file.entete_cle} : {_count(len(again))} lignes de "
        f"trop sur {_count(rows)} ; d'abord lignes {lines}",
        attendu=f"chaque {file.entete_cle} une seule fois",
        faire="reprendre le fichier du producteur, sans y joindre ni y ajouter un autre fichier",
    )


def _count(number: int) -> str:
    return nombre(number, 0)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for all questions: to open it costs more than most. No file's content stays in it."""
    return duckdb.connect(
        config={"threads": 2, "memory_limit": _MEMORY, "enable_external_file_cache": False}
    )


def connection() -> duckdb.DuckDBPyConnection:
    """A connection in memory, bounded."""
    return _database().cursor()


def ask(query: str, nom: str) -> list[tuple]:
    """What a query over a file gives.

    Raises:
        QpvError: the file cannot be read.
    """
    try:
        with connection() as con:
            return con.execute(query).fetchall()
    except duckdb.Error as error:
        raise unreadable(nom, error) from error


def unreadable(nom: str, error: duckdb.Error) -> QpvError:
    """The refusal of a file that DuckDB cannot read."""
    return QpvError(
        f"fichier illisible ou tronqué ({type(error).__name__})",
        ou=f"fichier {nom}",
        attendu="un fichier Parquet ou csv entier, en UTF-8",
        faire="reprendre le fichier du producteur",
    )
