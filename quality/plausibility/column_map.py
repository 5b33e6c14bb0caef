"""The map of printed tables: which column is which indicator, at which periods, written how."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from quality.printed_tables import csv_rows
from warehouse.base.errors import QpvError
from warehouse.base.numbers import Ecriture
from warehouse.declared.dictionary import Dictionary, Indicateur
from warehouse.domain.periods import bounds

MAP_NAME = "golden_map.csv"
_MAP_COLUMNS = ("fichier", "colonne", "code_indicateur", "mesure", "periode", "periode_comparaison")
#: A column that the map may have, and what it may say of shares.
_ECRITURE = "ecriture"
_ECRITURES: dict[str, Ecriture | None] = {"": None, "pourcent": "pourcent", "fraction": "fraction"}
#: Another one: the base to which a producer rounded its counts.
ROUNDING = "arrondi_a"
_GRANDEURS = ("niveau", "evolution_nb", "evolution_pct", "evolution_pts")


@dataclass(frozen=True)
class Column:
    """What a published column shows."""

    indicateur: str
    grandeur: str
    periode: str
    comparaison: str | None
    ecriture: Ecriture | None = None
    #: Base to which its counts are rounded; None where the map says nothing.
    arrondi_a: int | None = None


def map_beside(files: list[Path], colonnes: Path | None) -> Path:
    """The map that is named, else the one beside the first file."""
    beside = [f for f in files[0].parent.glob("*") if f.name.lower() == MAP_NAME]
    return colonnes or next(iter(beside), files[0].parent / MAP_NAME)


def read_map(path: Path, dictionary: Dictionary) -> dict[tuple[str, str], Column]:
    """File and column → what it shows.

    Raises:
        QpvError: no map, or one that names what does not exist.
    """
    if not path.is_file():
        raise QpvError(
            "la correspondance des colonnes manque",
            ou=str(path),
            attendu=f"un CSV de colonnes {', '.join(_MAP_COLUMNS)}",
            faire="l'écrire, ou la nommer par --colonnes",
        )
    header, rows = csv_rows(path, _MAP_COLUMNS[0])
    missing = [c for c in _MAP_COLUMNS if c not in header]
    if missing:
        raise QpvError(f"colonne absente : {', '.join(missing)}", ou=str(path))
    found = {}
    for line, row in rows:
        cells = {name: row[name].strip() for name in _MAP_COLUMNS}
        cells["code_indicateur"] = dictionary.code_de(cells["code_indicateur"])
        cells |= {name: row.get(name, "").strip() for name in (_ECRITURE, ROUNDING)}
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
            _ECRITURES[cells[_ECRITURE]],
            int(cells[ROUNDING]) if cells[ROUNDING] else None,
        )
    return found


def _map_fault(cells: dict[str, str], dictionary: Dictionary) -> str | None:
    if cells["code_indicateur"] not in dictionary.indicateurs:
        return f"l'indicateur {cells['code_indicateur']!r} n'est pas au dictionnaire"
    if cells["mesure"] not in _GRANDEURS:
        return f"mesure inconnue : {cells['mesure']!r}, une de : {', '.join(_GRANDEURS)}"
    if (cells["mesure"] != "niveau") != bool(cells["periode_comparaison"]):
        return "une évolution a une période de comparaison, un niveau n'en a pas"
    if cells[_ECRITURE] not in _ECRITURES:
        return f"{_ECRITURE} inconnue : {cells[_ECRITURE]!r:.60}, fraction ou pourcent"
    if base := cells[ROUNDING]:
        if not (re.fullmatch("[0-9]{1,7}", base) and 1 <= int(base) <= 1_000_000):
            return f"{ROUNDING} illisible : {base!r:.60}, un nombre entier de 1 à 1000000"
        if not of_counts(dictionary.indicateurs[cells["code_indicateur"]], cells["mesure"]):
            return f"{ROUNDING} se dit d'un effectif, ou de son évolution en nombre"
    for periode in filter(None, (cells["periode"], cells["periode_comparaison"])):
        try:
            bounds(periode)
        except ValueError as error:
            return str(error)
    return None if cells["periode"] else "la période manque"


def of_counts(indicateur: Indicateur, grandeur: str) -> bool:
    """Whether a column is of counts."""
    return indicateur.type == "effectif" and grandeur in ("niveau", "evolution_nb")
