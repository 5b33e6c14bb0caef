"""Tables as printed: each cell with its key, its figure or its mask. Knows no relation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..refused import DisclosureError
from .declared import COSTS, Mesure, RegleDeclaree, Relations, Signes, TableauDeclare
from .spelling import listed, near

#: A cell: its mesure, and the codes of its dimensions; the code of a whole is left out, so that
#: the same cell of two tables has one key.
Place = frozenset[tuple[str, str]]
Key = tuple[str, Place]
#: Mesure → rule.
Rules = Mapping[str, RegleDeclaree]
#: The number of a cell that bears no sign: (cell, place, column, what is declared of it).
ReadNumber = Callable[[str, str, str, Mesure], float]

_COUNTED, _AMOUNT = Mesure(entier=True), Mesure()


@dataclass(frozen=True)
class GivenTable:
    """One table before anything is read of it: rows of text under a header.

    `fichier`: the name that relations give it; `nom`, `ou`: those of messages. `rows`: (line,
    cells). `number`: how its figures are written.
    """

    fichier: str
    header: Sequence[str]
    rows: Sequence[tuple[int, Mapping[str, str]]]
    number: ReadNumber
    nom: str
    ou: str


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
    #: The units behind a printed figure and its largest contributors, where its rule names them.
    unites: float | None = None
    plus_grands: tuple[float, ...] = ()
    #: Its largest contributor, and the second.
    deux_premiers: tuple[float, ...] = ()
    cout: float | None = None


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
    #: Printed cells that the clear tables say to be under secrecy; None without them.
    a_masquer: frozenset[Key] | None = None
    #: Mesure → columns of its rule that a table lacks: published, it tells no contributors.
    sans_colonnes: dict[str, list[str]] = field(default_factory=dict)
    #: What was given and not read, in words.
    laisses: list[str] = field(default_factory=list)


def read(sources: Sequence[GivenTable], relations: Relations, regles: Rules) -> Tables:
    """The cells of the sources that the relations describe.

    Raises:
        DisclosureError: a table that is described and not given, a column, number or sign that
            cannot be read, a sign of mask that no row bears; the message names the line.
    """
    given = {s.fichier: s for s in sources}
    tables = Tables(mesures=dict(relations.non_imprimees))
    for tableau in relations.tableaux:
        if tableau.fichier not in given:
            raise DisclosureError(
                f"le tableau {tableau.fichier} manque",
                ou=", ".join(s.ou for s in sources),
                attendu=f"un tableau {tableau.fichier}, comme le disent les relations",
                faire="le donner, ou l'ôter des relations",
            )
        _read_one(given[tableau.fichier], tableau, relations, regles, tables)
    _check_signs(tables)
    described = {t.fichier for t in relations.tableaux}
    left = [s.nom for s in sources if s.fichier not in described]
    tables.laisses += [f"{name} : aucun tableau des relations ne le décrit" for name in left]
    return tables


def rules_of(relations: Relations, apart: Rules | None, ou: str) -> Rules:
    """The rules, that stand in the relations or apart from them.

    Raises:
        DisclosureError: both say a rule of one mesure, or a rule is of a mesure without a column.
    """
    regles = {**relations.regles, **(apart or {})}
    twice = sorted({*relations.regles} & {*(apart or {})})
    if twice:
        raise DisclosureError(
            f"la règle de {twice[0]} est dite deux fois, dans les relations et à part",
            ou=ou,
            faire="n'en garder qu'une",
        )
    printed = [m.nom or c for t in relations.tableaux for c, m in t.mesures.items()]
    for name in sorted({*regles} - {*printed}):
        raise DisclosureError(
            f"règle pour une mesure inconnue : {name}, qu'aucun tableau n'imprime",
            ou=ou,
            attendu=f"une des mesures {listed(printed)}",
            faire=f"écrire « {alike} »" if (alike := near(name, printed)) else "l'ôter des règles",
        )
    return regles


def key_name(key: Key) -> str:
    """How a message names a cell: its column, then the codes of its place."""
    return ", ".join([key[0], *(code for _, code in sorted(key[1]))])


def code_of(dimension: str, code: str, relations: Relations) -> frozenset[tuple[str, str]]:
    """One coordinate of a key; nothing for the whole."""
    declared = relations.dimensions.get(dimension)
    whole = declared is not None and declared.total == code
    return frozenset() if whole else frozenset([(dimension, code)])


def _read_one(
    source: GivenTable, tableau: TableauDeclare, relations: Relations, regles: Rules, tables: Tables
) -> None:
    header, rows = source.header, source.rows
    named = {column: m.nom or column for column, m in tableau.mesures.items()}
    mine = {n: regles[n] for n in named.values() if n in regles}
    _check_columns(source, tableau, mine, tables)
    tables.fichiers += 1
    seen = tables.codes.setdefault(tableau.fichier, {d: [] for d in tableau.dimensions})
    keys = set()
    for line, cells in rows:
        row = {name: cell.strip() for name, cell in cells.items()}
        place = frozenset[tuple[str, str]]()
        for dimension in tableau.dimensions:
            place |= code_of(dimension, row[dimension], relations)
            if row[dimension] not in seen[dimension]:
                seen[dimension].append(row[dimension])
        if place in keys:
            raise DisclosureError(
                "une ligne dont la clé est déjà dite", ou=f"{source.ou}, ligne {line}"
            )
        keys.add(place)
        for column, mesure in tableau.mesures.items():
            nom = named[column]
            if not tables.mesures.setdefault(nom, mesure).same_but_rounding(mesure):
                raise DisclosureError(
                    f"la mesure {nom} est déclarée de deux façons",
                    ou=f"{tableau.fichier}, {column}",
                    faire="donner le même type et les mêmes bornes, ou un autre nom",
                )
            where = f"{source.nom}, ligne {line}, {column}"
            at = _At(source, tableau, row, column, where)
            tables.cases.append(_case((nom, place), at, relations, regles.get(nom)))
    _note_signs(source, tableau, mine, tables)
    for column in header:
        known = (c for r in mine.values() for c in r.colonnes)
        if column not in (*tableau.dimensions, *tableau.mesures, *known):
            hidden = sum(row[column].strip() in relations.masques for _, row in rows)
            if hidden:
                tables.laisses.append(
                    f"{source.nom}, colonne {column} : {hidden} case(s) masquée(s), colonne que "
                    "les relations ne décrivent pas"
                )


def _note_signs(source: GivenTable, tableau: TableauDeclare, regles: Rules, tables: Tables) -> None:
    """Keep which signs each column of signs bears, for `_check_signs`."""
    said = [("le masque", tableau.masque)]
    said += [(f"la règle de {nom}, primaires,", r.primaires) for nom, r in regles.items()]
    for who, signes in said:
        if signes is not None and signes.colonne in source.header:
            key = (who, signes.colonne, tuple(signes.signes))
            seen = dict.fromkeys(row[signes.colonne].strip() for _, row in source.rows)
            tables.signes.setdefault(key, []).append((source.nom, list(seen)))


def _check_signs(tables: Tables) -> None:
    """Refuse signs that no table bears: they would mask, or protect, nothing.

    Raises:
        DisclosureError: names the column, and the signs that it has.
    """
    for (who, column, signs), seen in tables.signes.items():
        without = [(name, found) for name, found in seen if not {*found} & {*signs}]
        wanted = f"« {' » ni « '.join(signs)} »"
        if len(without) == len(seen):
            _, found = without[0]
            raise DisclosureError(
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
    source: GivenTable, tableau: TableauDeclare, regles: Rules, tables: Tables
) -> None:
    """Refuse a table without a column that it needs; note the rules that it alone cannot judge."""
    wanted = [*tableau.dimensions, *tableau.mesures]
    wanted += [tableau.masque.colonne] if tableau.masque else []
    for name, regle in regles.items():
        lacking = [c for c in regle.colonnes if c not in source.header]
        # A published table has none of them: its reader is not told who contributes.
        if lacking and lacking == regle.colonnes:
            tables.sans_colonnes.setdefault(name, []).extend(lacking)
        else:
            wanted += lacking
        if regle.cout not in COSTS and not lacking:
            wanted.append(regle.cout)
    absent = [c for c in dict.fromkeys(wanted) if c not in source.header]
    if absent:
        raise DisclosureError(
            f"colonne absente : {', '.join(absent)}",
            ou=f"{source.ou}, ligne 1",
            attendu="les colonnes que nomment les relations et les règles",
        )


@dataclass(frozen=True)
class _At:
    """Where a cell stands."""

    source: GivenTable
    tableau: TableauDeclare
    row: Mapping[str, str]
    column: str
    where: str

    def number(self, column: str, mesure: Mesure) -> float | None:
        """The figure of a column of the row; None where the table does not have the column."""
        if column not in self.row:
            return None
        value = self.source.number(self.row[column], self.where, column, mesure)
        if not math.isfinite(value):
            raise DisclosureError(
                f"un nombre sans fin : {self.row[column]!r:.60}",
                ou=self.where,
                attendu="un nombre comme 1234 ou 46.3",
            )
        return value


def _case(key: Key, at: _At, relations: Relations, regle: RegleDeclaree | None) -> Case:
    cell, mesure = at.row[at.column], at.tableau.mesures[at.column]
    hides = at.tableau.masque
    masked = _says(hides, at.row) if hides else cell in relations.masques
    case = Case(key, at.tableau.fichier, at.where, None, masked, demi=mesure.demi)
    if masked:
        hidden = regle is not None and regle.valeur_sous_masque
        units = at.number(regle.contributeurs, _COUNTED) if regle and regle.contributeurs else None
        return replace(
            case,
            primaire=regle is None or regle.primaires is None or _says(regle.primaires, at.row),
            seul=units == 1,
            cachee=at.number(at.column, mesure) if hidden else None,
        )
    if cell in relations.absents:
        return replace(case, demi=0.0)
    value = at.number(at.column, mesure) or 0.0
    if mesure.arrondi_a and abs(value / mesure.arrondi_a - round(value / mesure.arrondi_a)) > 1e-9:
        raise DisclosureError(
            f"{cell!r:.60} n'est pas un multiple de {mesure.arrondi_a}",
            ou=at.where,
            attendu=f"une colonne arrondie à {mesure.arrondi_a}, comme le disent les relations",
            faire="corriger arrondi_a, ou l'ôter si la colonne est exacte",
        )
    if regle is None:
        return replace(case, valeur=value)
    tops, two = (
        tuple(
            amount
            for column in (one.plus_grands if one else ())
            if (amount := at.number(column, _AMOUNT)) is not None
        )
        for one in (regle.dominance, regle.p_pourcent)
    )
    return replace(
        case,
        valeur=value,
        primaire=regle.primaires is None or _says(regle.primaires, at.row),
        unites=at.number(regle.contributeurs, _COUNTED) if regle.contributeurs else None,
        plus_grands=tops,
        deux_premiers=two,
        cout=None if regle.cout in COSTS else at.number(regle.cout, _AMOUNT),
    )


def _says(signes: Signes, row: Mapping[str, str]) -> bool:
    # A table without the column does not say which: all of them.
    return signes.colonne not in row or row[signes.colonne] in signes.signes
