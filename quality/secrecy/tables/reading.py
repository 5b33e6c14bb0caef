"""Tables as printed: each cell with its key, its figure or its mask. Knows no relation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quality.printed_tables import column_habit, csv_files, csv_rows, printed_number
from quality.secrecy.tables.declared import Mesure, RegleDeclaree, Relations, Signes, TableauDeclare
from warehouse.base.errors import QpvError
from warehouse.base.numbers import Ambigu, Habit

#: A cell: its mesure, and the codes of its dimensions; the code of a whole is left out, so that
#: the same cell of two tables has one key.
Place = frozenset[tuple[str, str]]
Key = tuple[str, Place]
#: Column of figures → what is declared of it, and how it writes numbers.
Habits = dict[str, tuple[Mesure, Habit]]

_SIGNES = "un des signes de `masques` et `absents`"
_COUNTED = Mesure(entier=True)


@dataclass(frozen=True)
class Case:
    """One cell as printed: `valeur` if it is, `masquee` if a sign hides it, neither if absent."""

    key: Key
    fichier: str
    ou: str
    valeur: float | None
    masquee: bool
    primaire: bool = True
    seul: bool = False
    #: The value under the mask, for the requirement alone.
    cachee: float | None = None
    #: Half of the step to which its column is rounded.
    demi: float = 0.0


@dataclass
class Tables:
    """Every cell of the files, the definition of each mesure, the codes seen in each file."""

    cases: list[Case] = field(default_factory=list)
    mesures: dict[str, Mesure] = field(default_factory=dict)
    #: file → dimension → codes, in the order of the file.
    codes: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    fichiers: int = 0
    #: Who looks for signs, in which column, and which → what each file has there.
    signes: dict[tuple[str, str, tuple[str, ...]], list[tuple[str, list[str]]]] = field(
        default_factory=dict
    )
    #: What was given and not read, in words.
    laisses: list[str] = field(default_factory=list)


def read(paths: Sequence[Path], relations: Relations, regles: dict[str, RegleDeclaree]) -> Tables:
    """The cells of the files that the relations describe.

    Raises:
        QpvError: a file that is described and not given, a column, number or sign that cannot be
            read, a sign of mask that no row bears; the message names the line.
    """
    files = {f.stem: f for f in csv_files(paths)}
    tables = Tables(mesures=dict(relations.non_imprimees))
    for tableau in relations.tableaux:
        if tableau.fichier not in files:
            raise QpvError(
                f"le tableau {tableau.fichier} manque",
                ou=", ".join(map(str, paths)),
                attendu=f"un fichier {tableau.fichier}.csv, comme le disent les relations",
                faire="le donner, ou l'ôter des relations",
            )
        _read_one(files[tableau.fichier], tableau, relations, regles, tables)
    _check_signs(tables)
    described = {t.fichier for t in relations.tableaux}
    left = [f.name for name, f in files.items() if name not in described]
    tables.laisses += [f"{name} : aucun tableau des relations ne le décrit" for name in left]
    return tables


def key_name(key: Key) -> str:
    """How a message names a cell: its column, then the codes of its place."""
    return ", ".join([key[0], *(code for _, code in sorted(key[1]))])


def code_of(dimension: str, code: str, relations: Relations) -> frozenset[tuple[str, str]]:
    """One coordinate of a key; nothing for the whole."""
    declared = relations.dimensions.get(dimension)
    whole = declared is not None and declared.total == code
    return frozenset() if whole else frozenset([(dimension, code)])


def _read_one(
    path: Path,
    tableau: TableauDeclare,
    relations: Relations,
    regles: dict[str, RegleDeclaree],
    tables: Tables,
) -> None:
    header, rows = csv_rows(path, tableau.dimensions[0])
    named = {column: m.nom or column for column, m in tableau.mesures.items()}
    _check_columns(path, header, tableau, [regles[n] for n in named.values() if n in regles])
    tables.fichiers += 1
    seen = tables.codes.setdefault(tableau.fichier, {d: [] for d in tableau.dimensions})
    keys = set()
    counted = {r.contributeurs: _COUNTED for n in named.values() if (r := regles.get(n))}
    columns = {name: m for name, m in (counted | tableau.mesures).items() if name}
    habits = {name: (m, column_habit(rows, name)) for name, m in columns.items()}
    for line, cells in rows:
        row = {name: cell.strip() for name, cell in cells.items()}
        place = frozenset[tuple[str, str]]()
        for dimension in tableau.dimensions:
            place |= code_of(dimension, row[dimension], relations)
            if row[dimension] not in seen[dimension]:
                seen[dimension].append(row[dimension])
        if place in keys:
            raise QpvError("une ligne dont la clé est déjà dite", ou=f"{path}, ligne {line}")
        keys.add(place)
        for column, mesure in tableau.mesures.items():
            nom = named[column]
            if not tables.mesures.setdefault(nom, mesure).same_but_rounding(mesure):
                raise QpvError(
                    f"la mesure {nom} est déclarée de deux façons",
                    ou=f"{tableau.fichier}, {column}",
                    faire="donner le même type et les mêmes bornes, ou un autre nom",
                )
            where = f"{path.name}, ligne {line}, {column}"
            case = (nom, place), row, column, tableau, relations, regles.get(nom), where
            tables.cases.append(_case(*case, habits))
    mine = {n: regles[n] for n in named.values() if n in regles}
    _note_signs(path, tableau, rows, mine, tables)
    for column in header:
        if column not in (*tableau.dimensions, *tableau.mesures):
            hidden = sum(row[column].strip() in relations.masques for _, row in rows)
            if hidden:
                tables.laisses.append(
                    f"{path.name}, colonne {column} : {hidden} case(s) masquée(s), colonne que "
                    "les relations ne décrivent pas"
                )


def _note_signs(
    path: Path,
    tableau: TableauDeclare,
    rows: list[tuple[int, dict[str, str]]],
    regles: dict[str, RegleDeclaree],
    tables: Tables,
) -> None:
    """Keep which signs each column of signs bears, for `_check_signs`."""
    said = [("le masque", tableau.masque)]
    said += [(f"la règle de {nom}, primaires,", r.primaires) for nom, r in regles.items()]
    for who, signes in said:
        if signes is not None:
            key = (who, signes.colonne, tuple(signes.signes))
            seen = dict.fromkeys(row[signes.colonne].strip() for _, row in rows)
            tables.signes.setdefault(key, []).append((path.name, list(seen)))


def _check_signs(tables: Tables) -> None:
    """Refuse signs that no table bears: they would mask, or protect, nothing.

    Raises:
        QpvError: names the column, and the signs that it has.
    """
    for (who, column, signs), seen in tables.signes.items():
        without = [(name, found) for name, found in seen if not {*found} & {*signs}]
        wanted = f"« {' » ni « '.join(signs)} »"
        if len(without) == len(seen):
            _, found = without[0]
            raise QpvError(
                f"{who} ne lie aucune case : aucune ligne n'a {wanted}",
                ou=f"{', '.join(name for name, _ in seen)}, colonne {column}",
                attendu="un des signes de cette colonne : "
                + ", ".join(f"« {s[:40]} »" for s in found[:5]),
                faire="écrire le signe comme le tableau, ou ôter cette clé",
            )
        tables.laisses += [
            f"{name}, colonne {column} : aucune ligne n'a {wanted}" for name, _ in without
        ]


def _check_columns(
    path: Path, header: list[str], tableau: TableauDeclare, regles: Sequence[RegleDeclaree]
) -> None:
    wanted = [*tableau.dimensions, *tableau.mesures]
    wanted += [tableau.masque.colonne] if tableau.masque else []
    for regle in regles:
        wanted += [regle.primaires.colonne] if regle.primaires else []
        wanted += [regle.contributeurs] if regle.contributeurs else []
    absent = [c for c in dict.fromkeys(wanted) if c not in header]
    if absent:
        raise QpvError(
            f"colonne absente : {', '.join(absent)}",
            ou=f"{path}, ligne 1",
            attendu="les colonnes que nomment les relations et les règles",
        )


def _case(
    key: Key,
    row: dict[str, str],
    column: str,
    tableau: TableauDeclare,
    relations: Relations,
    regle: RegleDeclaree | None,
    where: str,
    habits: Habits,
) -> Case:
    cell, mesure = row[column], tableau.mesures[column]
    masked = _says(tableau.masque, row) if tableau.masque else cell in relations.masques
    if masked:
        hidden = regle is not None and regle.valeur_sous_masque
        return Case(
            key,
            tableau.fichier,
            where,
            None,
            True,
            primaire=regle is None or regle.primaires is None or _says(regle.primaires, row),
            seul=bool(
                regle
                and regle.contributeurs
                and _number(row[regle.contributeurs], where, *habits[regle.contributeurs]) == 1
            ),
            cachee=_number(cell, where, *habits[column]) if hidden else None,
            demi=mesure.demi,
        )
    if cell in relations.absents:
        return Case(key, tableau.fichier, where, None, False)
    value = _number(cell, where, *habits[column])
    if mesure.arrondi_a and abs(value / mesure.arrondi_a - round(value / mesure.arrondi_a)) > 1e-9:
        raise QpvError(
            f"{cell!r:.60} n'est pas un multiple de {mesure.arrondi_a}",
            ou=where,
            attendu=f"une colonne arrondie à {mesure.arrondi_a}, comme le disent les relations",
            faire="corriger arrondi_a, ou l'ôter si la colonne est exacte",
        )
    return Case(key, tableau.fichier, where, value, False, demi=mesure.demi)


def _says(signes: Signes, row: dict[str, str]) -> bool:
    return row[signes.colonne] in signes.signes


def _number(cell: str, where: str, mesure: Mesure, habit: Habit) -> float:
    number = printed_number(cell, where, habit, _ambigu(mesure), _SIGNES)
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
