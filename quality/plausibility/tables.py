"""Tables published elsewhere, as figures: one CSV per table, and a map of their columns.

Format: a column `territoire` (QPV code, `QPV@EPCI:…`, `EPCI:…`, `DEP:…`, `FRMETRO`, `QPV@INSEE`),
then one column per indicator; `nd`, `-`, a blank or a word are missing, never 0. The map says, for
each file and column, `code_indicateur`, `mesure` (niveau, evolution_nb…), `periode` and its
comparison.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from quality.plausibility.column_map import ROUNDING, Column, map_beside, of_counts, read_map
from quality.plausibility.columns import printed_column
from quality.plausibility.corpus import (
    ChiffreJuge,
    Inclusion,
    Partition,
    TerritoireJuge,
    fill,
    interval,
    is_estimated,
    open_corpus,
)
from quality.plausibility.findings import fr
from quality.plausibility.rounding import CountColumn, recognised
from quality.printed_tables import Rows, csv_files, csv_rows, other_tables
from warehouse.base.errors import QpvError
from warehouse.declared.dictionary import Dictionary, Indicateur
from warehouse.domain.producteur import TYPE as TYPE_PRODUCTEUR
from warehouse.domain.types_territoire import (
    sets,
    type_of,
    types_territoire,
    whole_of,
    wholes,
)

LABELS = ("territoire", "libelle_publie")
_QPV = re.compile(r"Q[PN][0-9A-Z]{6}")


@dataclass
class Reading:
    """What was read, and what was left unchecked and why."""

    con: duckdb.DuckDBPyConnection
    fichiers: int = 0
    chiffres: int = 0
    manquants: int = 0
    non_verifies: list[str] = field(default_factory=list)
    #: Columns of counts taken as rounded though the map does not say so.
    arrondis: list[str] = field(default_factory=list)


def read_tables(
    paths: Sequence[Path],
    colonnes: Path | None,
    dictionary: Dictionary,
    estimees: Collection[str],
) -> Reading:
    """The figures of published tables, as a corpus.

    Args:
        paths: CSV files, or folders of them; the map itself is passed over.
        colonnes: the map; by default `golden_map.csv` beside the first file.

    Raises:
        QpvError: no file, an unreadable file, row or number, a map that names what does not exist,
            nothing to judge once all is read.
    """
    files = csv_files(paths)
    where = map_beside(files, colonnes)
    columns = read_map(where, dictionary)
    reading = Reading(open_corpus(dictionary, estimees), non_verifies=other_tables(paths))
    indicateurs, told = dictionary.indicateurs, reading.non_verifies
    chiffres: list[ChiffreJuge] = []
    kinds: dict[str, str] = {}
    partitions: set[Partition] = set()
    for path in files:
        if path.resolve() == where.resolve():
            continue
        mapped = {c: m for (f, c), m in columns.items() if f == path.stem}
        if not mapped:
            reading.non_verifies.append(f"{path.name} : {where.name} ne dit rien de ce fichier")
            continue
        reading.fichiers += 1
        header, rows = csv_rows(path, LABELS[0])
        check_header(path, header, mapped, where, reading.non_verifies)
        seen = {row["territoire"].strip(): _kind(row["territoire"].strip()) for _, row in rows}
        kinds |= seen
        partitions |= _partition(seen)
        numbers = {
            name: column_numbers(path, rows, name, column, indicateurs[column.indicateur], told)
            for name, column in mapped.items()
        }
        bases = _bases(path, numbers, mapped, dictionary, where, reading)
        for name, column in mapped.items():
            figures = (path, numbers[name], name, column, bases.get(name, 1))
            chiffres += _figures(*figures, dictionary, estimees)
    if any(path.is_dir() for path in paths):
        given = {path.stem for path in files}
        absent = [name for name in dict.fromkeys(f for f, _ in columns) if name not in given]
        reading.non_verifies += [f"{name} : {where.name} le décrit, il manque" for name in absent]
    unknown = sorted(code for code, kind in kinds.items() if kind == "autre")
    reading.non_verifies += [
        f"{code} : ce territoire n'est comparé à aucun autre" for code in unknown
    ]
    reading.chiffres = sum(c.valeur is not None for c in chiffres)
    reading.manquants = len(chiffres) - reading.chiffres
    if not reading.chiffres:
        raise QpvError(
            "aucun chiffre à vérifier",
            ou=", ".join(map(str, paths)),
            attendu=f"au moins un chiffre d'un tableau que {where.name} décrit",
            faire=" ; ".join(reading.non_verifies[:10]) or "vérifier que c'est le bon tableau",
        )
    fill(reading.con, "chiffre", chiffres)
    fill(reading.con, "territoire", [TerritoireJuge(c, c, "", k) for c, k in kinds.items()])
    fill(reading.con, "partition", sorted(partitions))
    fill(reading.con, "inclusion", _inclusions(kinds, partitions))
    return reading


def check_header(
    path: Path, header: list[str], mapped: dict[str, Column], where: Path, told: list[str]
) -> None:
    absent = [c for c in (LABELS[0], *mapped) if c not in header]
    if absent:
        raise QpvError(
            f"colonne absente : {', '.join(absent)}",
            ou=f"{path}, ligne 1",
            attendu=f"« territoire » et les colonnes que {where.name} nomme",
        )
    told += [
        f"{path.name}, colonne {c} : {where.name} n'en dit rien"
        for c in header
        if c not in mapped and c not in LABELS
    ]


#: Line, territory, number as Python writes it.
Numbers = list[tuple[int, str, str | None]]


def decimals_of(numbers: Numbers) -> int:
    """A column of 46.3 prints 0 for 0.0: its decimals are those of its longest cell."""
    return max((len(n.partition(".")[2]) for _, _, n in numbers if n), default=0)


def column_numbers(
    path: Path, rows: Rows, name: str, column: Column, indicateur: Indicateur, told: list[str]
) -> Numbers:
    """The column as numbers; `told` receives what was read as missing.

    Raises:
        QpvError: an unreadable one, or one that its declared rounding contradicts.
    """
    said = (column.grandeur, column.ecriture, told)
    found = printed_column(path, rows, name, indicateur, *said)
    for line, _, text in found:
        if column.arrondi_a and text and float(text) % column.arrondi_a:
            raise QpvError(
                f"{text} n'est pas un multiple de {column.arrondi_a}",
                ou=f"{path}, ligne {line}, {name}",
                attendu=f"une colonne arrondie à {column.arrondi_a}, comme le dit la carte",
                faire=f"corriger {ROUNDING} dans la carte, ou le laisser vide",
            )
    return found


def _bases(
    path: Path,
    numbers: dict[str, Numbers],
    mapped: dict[str, Column],
    dictionary: Dictionary,
    where: Path,
    reading: Reading,
) -> dict[str, int]:
    """Column → base of its rounding, as the map says or as the figures show; the latter is told."""
    counts = [
        CountColumn(name, [float(n) for _, _, n in numbers[name] if n], column.arrondi_a)
        for name, column in mapped.items()
        if of_counts(dictionary.indicateurs[column.indicateur], column.grandeur)
    ]
    seen = recognised(counts)
    reading.arrondis += [
        f"{path.name}, colonne {name} : tous ses effectifs sont des multiples de {base}, chacun "
        f"est pris à ± {fr(base / 2, base % 2)} ; s'ils sont exacts, {ROUNDING} = 1 dans "
        f"{where.name}"
        for name, base in seen.items()
    ]
    return seen | {c.nom: c.declaree for c in counts if c.declaree}


def _figures(
    path: Path,
    numbers: Numbers,
    name: str,
    column: Column,
    base: int,
    dictionary: Dictionary,
    estimees: Collection[str],
) -> list[ChiffreJuge]:
    indicateur = dictionary.indicateurs[column.indicateur]
    decimals = decimals_of(numbers)
    found = []
    for line, territoire, text in numbers:
        value = float(text) if text else None
        low = high = None
        if value is not None:
            low, high = interval(
                value,
                effectif=of_counts(indicateur, column.grandeur),
                estime=is_estimated(indicateur, estimees),
                type_territoire=_kind(territoire),
                demi=0.5 * 10.0**-decimals,
                base=base,
            )
            if base > 1 and column.grandeur == "niveau":
                low = max(low, min(value, 0.0))
        found.append(
            ChiffreJuge(
                territoire,
                column.indicateur,
                column.periode,
                column.comparaison,
                column.grandeur,
                value,
                low,
                high,
                f"{path.name}, ligne {line}, {name}",
            )
        )
    return found


def _kind(code: str) -> str:
    kind = type_of(code)
    if kind == "qpv":
        return kind if _QPV.fullmatch(code) else "autre"
    return kind if kind in (*sets(), *wholes(), TYPE_PRODUCTEUR) else "autre"


def _partition(seen: dict[str, str]) -> set[Partition]:
    """The QPV of a table are the parts of the one set of an EPCI that it prints."""
    holder = types_territoire()["qpv"].parent
    holders = [c for c, kind in seen.items() if kind == holder]
    if len(holders) != 1:
        return set()
    return {Partition(c, holders[0]) for c, kind in seen.items() if kind == "qpv"}


def _inclusions(kinds: dict[str, str], partitions: set[Partition]) -> list[Inclusion]:
    """Which contains which; the département of an EPCI is known if only one is printed."""
    types = types_territoire()
    by_kind = {k: [c for c, kind in kinds.items() if kind == k] for k in kinds.values()}
    found = {Inclusion(p.partie, p.tout, True) for p in partitions}
    for code, kind in kinds.items():
        whole = whole_of(code)
        if whole in kinds:
            found.add(Inclusion(code, whole, not types[kind].a_cheval))
        parent = types[kind].parent if kind in (*sets(), *wholes()) else None
        holders = by_kind.get(parent, []) if parent else []
        if len(holders) == 1:
            found.add(Inclusion(code, holders[0], True))
    return sorted(found)
