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

from quality.plausibility.corpus import (
    Chiffre,
    Inclusion,
    Partition,
    Territoire,
    fill,
    interval,
    is_estimated,
    open_corpus,
)
from quality.printed_tables import as_number, csv_rows
from warehouse.dictionary import Dictionary
from warehouse.errors import QpvError
from warehouse.periods import bounds

MAP_NAME = "golden_map.csv"
_MAP_COLUMNS = ("fichier", "colonne", "code_indicateur", "mesure", "periode", "periode_comparaison")
_GRANDEURS = ("niveau", "evolution_nb", "evolution_pct", "evolution_pts")
_LABELS = ("territoire", "libelle_publie")
_QPV = re.compile(r"Q[PN][0-9A-Z]{6}")
_PREFIXES = (
    ("QPV@EPCI:", "qpv_epci"),
    ("QPV@DEP:", "qpv_departement"),
    ("QPV@FRMETRO", "qpv_france"),
    ("QPV@INSEE", "qpv_producteur"),
    ("QPV@INSEE", "qpv_producteur"),
    ("EPCI:", "epci"),
    ("DEP:", "departement"),
    ("FRMETRO", "france"),
)


@dataclass(frozen=True)
class Column:
    """What a published column shows."""

    indicateur: str
    grandeur: str
    periode: str
    comparaison: str | None


@dataclass
class Reading:
    """What was read, and what was left unchecked and why."""

    con: duckdb.DuckDBPyConnection
    fichiers: int = 0
    chiffres: int = 0
    manquants: int = 0
    non_verifies: list[str] = field(default_factory=list)


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
        QpvError: no file, an unreadable file, row or number, a map that names what does not exist.
    """
    files = _expand(paths)
    where = colonnes or files[0].parent / MAP_NAME
    columns = _read_map(where, dictionary)
    reading = Reading(open_corpus(dictionary, estimees))
    chiffres: list[Chiffre] = []
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
        header, rows = csv_rows(path)
        _check_header(path, header, mapped, where, reading)
        seen = {row["territoire"].strip(): _kind(row["territoire"].strip()) for _, row in rows}
        kinds |= seen
        partitions |= _partition(seen)
        for name, column in mapped.items():
            chiffres += _figures(path, rows, name, column, dictionary, estimees)
    unknown = sorted(code for code, kind in kinds.items() if kind == "autre")
    reading.non_verifies += [
        f"{code} : ce territoire n'est comparé à aucun autre" for code in unknown
    ]
    reading.chiffres = sum(c.valeur is not None for c in chiffres)
    reading.manquants = len(chiffres) - reading.chiffres
    fill(reading.con, "chiffre", chiffres)
    fill(reading.con, "territoire", [Territoire(c, c, "", k) for c, k in kinds.items()])
    fill(reading.con, "partition", sorted(partitions))
    fill(reading.con, "inclusion", _inclusions(kinds, partitions))
    return reading


def _expand(paths: Sequence[Path]) -> list[Path]:
    files = [f for p in paths for f in (sorted(p.glob("*.csv")) if p.is_dir() else [p])]
    if not files:
        raise QpvError(
            "aucun tableau à vérifier",
            ou=", ".join(map(str, paths)),
            attendu="des fichiers CSV, ou un dossier qui en contient",
        )
    twice = {f.stem for f in files if sum(f.stem == g.stem for g in files) > 1}
    if twice:
        raise QpvError(f"deux tableaux du même nom : {', '.join(sorted(twice))}")
    return files


def _read_map(path: Path, dictionary: Dictionary) -> dict[tuple[str, str], Column]:
    if not path.is_file():
        raise QpvError(
            "la correspondance des colonnes manque",
            ou=str(path),
            attendu=f"un CSV de colonnes {', '.join(_MAP_COLUMNS)}",
            faire="l'écrire, ou la nommer par --colonnes",
        )
    header, rows = csv_rows(path)
    missing = [c for c in _MAP_COLUMNS if c not in header]
    if missing:
        raise QpvError(f"colonne absente : {', '.join(missing)}", ou=str(path))
    found = {}
    for line, row in rows:
        cells = {name: row[name].strip() for name in _MAP_COLUMNS}
        cells["code_indicateur"] = dictionary.code_de(cells["code_indicateur"])
        fault = _map_fault(cells, dictionary)
        key = cells["fichier"], cells["colonne"]
        if fault or key in found:
            raise QpvError(
                fault or f"{key[0]}, {key[1]} : dit deux fois", ou=f"{path}, ligne {line}"
            )
        found[key] = Column(
            cells["code_indicateur"],
            cells["mesure"],
            cells["periode"],
            cells["periode_comparaison"] or None,
        )
    return found


def _map_fault(cells: dict[str, str], dictionary: Dictionary) -> str | None:
    if cells["code_indicateur"] not in dictionary.indicateurs:
        return f"l'indicateur {cells['code_indicateur']!r} n'est pas au dictionnaire"
    if cells["mesure"] not in _GRANDEURS:
        return f"mesure inconnue : {cells['mesure']!r}, une de : {', '.join(_GRANDEURS)}"
    if (cells["mesure"] != "niveau") != bool(cells["periode_comparaison"]):
        return "une évolution a une période de comparaison, un niveau n'en a pas"
    for periode in filter(None, (cells["periode"], cells["periode_comparaison"])):
        try:
            bounds(periode)
        except ValueError as error:
            return str(error)
    return None if cells["periode"] else "la période manque"


def _check_header(
    path: Path, header: list[str], mapped: dict[str, Column], where: Path, reading: Reading
) -> None:
    absent = [c for c in (_LABELS[0], *mapped) if c not in header]
    if absent:
        raise QpvError(
            f"colonne absente : {', '.join(absent)}",
            ou=f"{path}, ligne 1",
            attendu=f"« territoire » et les colonnes que {where.name} nomme",
        )
    reading.non_verifies += [
        f"{path.name}, colonne {c} : {where.name} n'en dit rien"
        for c in header
        if c not in mapped and c not in _LABELS
    ]


def _figures(
    path: Path,
    rows: list[tuple[int, dict[str, str]]],
    name: str,
    column: Column,
    dictionary: Dictionary,
    estimees: Collection[str],
) -> list[Chiffre]:
    indicateur = dictionary.indicateurs[column.indicateur]
    numbers = [
        (line, row["territoire"].strip(), _number(row[name], f"{path}, ligne {line}, {name}"))
        for line, row in rows
    ]
    # A column of 46.3 prints 0 for 0.0: its decimals are those of its longest cell.
    decimals = max((len(n.partition(".")[2]) for _, _, n in numbers if n), default=0)
    counted = indicateur.type == "effectif" and column.grandeur in ("niveau", "evolution_nb")
    found = []
    for line, territoire, text in numbers:
        value = float(text) if text else None
        low, high = (
            interval(
                value,
                effectif=counted,
                estime=is_estimated(indicateur, estimees),
                type_territoire=_kind(territoire),
                demi=0.5 * 10.0**-decimals,
            )
            if value is not None
            else (None, None)
        )
        found.append(
            Chiffre(
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


def _number(cell: str, where: str) -> str | None:
    """The number as Python writes it, None where the cell says none."""
    if text := as_number(cell):
        return text
    if any(c.isdigit() for c in cell):
        raise QpvError(
            f"un nombre illisible : {cell!r:.60}",
            ou=where,
            attendu="un nombre comme 1234 ou 46.3, ou nd, - ou rien s'il manque",
        )
    return None


def _kind(code: str) -> str:
    if _QPV.fullmatch(code):
        return "qpv"
    return next((kind for prefix, kind in _PREFIXES if code.startswith(prefix)), "autre")


def _partition(seen: dict[str, str]) -> set[Partition]:
    """The QPV of a table are the parts of the one set of an EPCI that it prints."""
    sets = [c for c, kind in seen.items() if kind == "qpv_epci"]
    if len(sets) != 1:
        return set()
    return {Partition(c, sets[0]) for c, kind in seen.items() if kind == "qpv"}


def _inclusions(kinds: dict[str, str], partitions: set[Partition]) -> list[Inclusion]:
    """Which contains which; the département of an EPCI is known if only one is printed."""
    by_kind = {k: [c for c, kind in kinds.items() if kind == k] for k in kinds.values()}
    found = {Inclusion(p.partie, p.tout, True) for p in partitions}
    for code, kind in kinds.items():
        suffix = code.partition(":")[2]
        if kind in ("qpv_epci", "qpv_departement", "qpv_france"):
            whole = code.removeprefix("QPV@")
            found |= {Inclusion(code, whole, kind != "qpv_epci")} if whole in kinds else set()
        for inner, outer, several in (
            ("qpv_epci", "qpv_departement", False),
            ("epci", "departement", False),
            ("qpv_departement", "qpv_france", True),
            ("departement", "france", True),
        ):
            if kind == inner and suffix:
                wholes = by_kind.get(outer, [])
                found |= {Inclusion(code, w, True) for w in wholes if several or len(wholes) == 1}
    return sorted(found)
