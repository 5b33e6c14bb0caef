"""CSV files as the tables of the library: numbers as they are printed, hierarchies beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from quality.disclosure.attack.known_tables import system_of_tables
from quality.disclosure.attack.reach import Reach
from quality.disclosure.audit.system import System
from quality.disclosure.tables.declared import Mesure, ReglesTables, Relations
from quality.disclosure.tables.table_cells import GivenTable, Rules, Tables, read, rules_of
from quality.plausibility.rounding import CountColumn, recognised
from quality.printed_tables import Rows, column_habit, csv_files, csv_rows, printed_number
from warehouse.base.errors import QpvError
from warehouse.base.numbers import Ambigu, Habit
from warehouse.base.strict import load_yaml

_SIGNES = "un des signes de `masques` et `absents`"


@dataclass(frozen=True)
class Declared:
    """The relations and the rules of some tables, and where they were read."""

    relations: Relations
    regles: Rules
    fichier: Path

    @classmethod
    def load(cls, relations: Path, regles: Path | None) -> Declared:
        """From one YAML file, or two.

        Raises:
            QpvError: a file that cannot be read.
            DisclosureError: a rule said twice, or of a mesure that no table prints.
        """
        declared = load_yaml(relations, Relations)
        apart = load_yaml(regles, ReglesTables).regles if regles else None
        return cls(declared, rules_of(declared, apart, str(regles or relations)), relations)

    def hierarchy(self, name: str) -> Sequence[Sequence[str]]:
        """The lines of codes of a hierarchy, a CSV beside the relations."""
        _, rows = csv_rows(self.fichier.parent / name, None)
        return [[code.strip() for code in row.values()] for _, row in rows]

    def sources(self, paths: Sequence[Path]) -> list[GivenTable]:
        """The files of paths, those that the relations describe read."""
        keys = {t.fichier: t.dimensions[0] for t in self.relations.tableaux}
        return [source_of(f, keys.get(f.stem)) for f in csv_files(paths)]

    def tables(self, paths: Sequence[Path]) -> Tables:
        """The cells of the files."""
        return read(self.sources(paths), self.relations, self.regles)

    def attack(self, paths: Sequence[Path], clear: Sequence[Path] = ()) -> tuple[System, Reach]:
        """What a reader of the files has in hand; `clear`: the same files before their mask."""
        tables = self.tables(paths)
        system, reach = system_of_tables(
            tables,
            self.relations,
            self.regles,
            self.hierarchy,
            str(self.fichier),
            self._before().tables(clear) if clear else None,
        )
        return system, replace(reach, reserves=[*reach.reserves, *rounded_unsaid(tables)])

    def _before(self) -> Declared:
        """The same tables before a rounding that keeps sums: exact."""
        exact = {"arrondi_a": None, "portee": None}
        described = [
            t.model_copy(
                update={
                    "mesures": {
                        c: m.model_copy(update=exact) if m.portee else m
                        for c, m in t.mesures.items()
                    }
                }
            )
            for t in self.relations.tableaux
        ]
        return replace(self, relations=self.relations.model_copy(update={"tableaux": described}))


def source_of(path: Path, key: str | None) -> GivenTable:
    """A file; one that nothing describes (no key) is not read."""
    header, rows = csv_rows(path, key) if key else ([], [])
    return GivenTable(path.stem, header, rows, _Numbers(rows).read, path.name, str(path))


class _Numbers:
    """The figures of a file, as its columns write them."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.habits: dict[str, Habit] = {}

    def read(self, cell: str, where: str, column: str, mesure: Mesure) -> float:
        if column not in self.habits:
            self.habits[column] = column_habit(self.rows, column)
        number = printed_number(cell, where, self.habits[column], _ambigu(mesure), _SIGNES)
        if number is None or (number.percent and mesure.type == "effectif"):
            raise QpvError(
                f"un nombre illisible : {cell!r:.60}",
                ou=where,
                attendu=f"un nombre comme 1234 ou 46.3, ou {_SIGNES}",
                faire="vérifier la colonne" if number else "déclarer ce signe dans les relations",
            )
        return number.value


def _ambigu(mesure: Mesure) -> Ambigu:
    """What a mark before three digits may be, as far as the declared rounding says it."""
    if mesure.type == "part" or mesure.decimales == 3:
        return "decimal"
    if mesure.entier or (mesure.decimales is not None and mesure.decimales <= 0):
        return "entier"
    return "refus"


def rounded_unsaid(tables: Tables) -> Iterable[str]:
    """Counts declared exact that look rounded: their sums may be contradicted, and dropped."""
    values: dict[str, list[float]] = {}
    for case in tables.cases:
        if case.valeur is not None and not case.demi and tables.mesures[case.key[0]].additive:
            values.setdefault(case.key[0], []).append(case.valeur)
    # One mesure at a time: what the figures of another look like says nothing of it.
    bases = {m: recognised([CountColumn(m, v, None)]).get(m) for m, v in values.items()}
    return [
        f"{mesure} : toutes ses valeurs sont des multiples de {base} ; si elles sont arrondies, le "
        f"dire par arrondi_a: {base}"
        for mesure, base in bases.items()
        if base
    ]
