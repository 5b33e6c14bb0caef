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

from quality.plausibility.column_map import ROUNDING, Column, of_counts
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
from quality.plausibility.mapped_tables import MappedTable, Numbers, decimals_of, mapped_tables
from quality.plausibility.rounding import CountColumn, recognised
from warehouse.declared.dictionary import Dictionary
from warehouse.domain.producteur import TYPE as TYPE_PRODUCTEUR
from warehouse.domain.types_territoire import (
    sets,
    type_of,
    types_territoire,
    whole_of,
    wholes,
)

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
    reading = Reading(open_corpus(dictionary, estimees))
    chiffres: list[ChiffreJuge] = []
    kinds: dict[str, str] = {}
    partitions: set[Partition] = set()
    for table in mapped_tables(paths, colonnes, dictionary, reading.non_verifies):
        reading.fichiers += 1
        seen = {code: _kind(code) for code in table.territoires}
        kinds |= seen
        partitions |= _partition(seen)
        bases = _bases(table, dictionary, reading)
        for name, column in table.colonnes.items():
            figures = (table.path, table.nombres[name], name, column, bases.get(name, 1))
            chiffres += _figures(*figures, dictionary, estimees)
    unknown = sorted(code for code, kind in kinds.items() if kind == "autre")
    reading.non_verifies += [
        f"{code} : ce territoire n'est comparé à aucun autre" for code in unknown
    ]
    reading.chiffres = sum(c.valeur is not None for c in chiffres)
    reading.manquants = len(chiffres) - reading.chiffres
    fill(reading.con, "chiffre", chiffres)
    fill(reading.con, "territoire", [TerritoireJuge(c, c, "", k) for c, k in kinds.items()])
    fill(reading.con, "partition", sorted(partitions))
    fill(reading.con, "inclusion", _inclusions(kinds, partitions))
    return reading


def _bases(table: MappedTable, dictionary: Dictionary, reading: Reading) -> dict[str, int]:
    """Column → base of its rounding, as the map says or as the figures show; the latter is told."""
    counts = [
        CountColumn(name, [float(n) for _, _, n in table.nombres[name] if n], column.arrondi_a)
        for name, column in table.colonnes.items()
        if of_counts(dictionary.indicateurs[column.indicateur], column.grandeur)
    ]
    seen = recognised(counts)
    reading.arrondis += [
        f"{table.path.name}, colonne {name} : tous ses effectifs sont des multiples de {base}, "
        f"chacun est pris à ± {fr(base / 2, base % 2)} ; s'ils sont exacts, {ROUNDING} = 1 dans "
        f"{table.carte.name}"
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
