"""Confidential cells as a grid: territories × columns, sets included, and the sums between rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from warehouse.domain.types_territoire import whole_of, without

#: A column: mesure, period, rule of secrecy.
Colonne = tuple[str, str, str]
#: A territory: its code and its perimeter.
Territoire = tuple[str, str]
FRANCE = "QPV@FRMETRO"
#: Relative gap below which a sum is the same: doubles of counts add up to 1e-16 per term.
EGAL = 1e-9


@dataclass
class Grille:
    """Values by territory and column; NaN where no cell is known, so where nothing is to mask.

    Attributes:
        territoires, colonnes: names of the rows and columns.
        valeurs: (T, C) floats.
        publiques: (T, C) bool: cells that their producer already shows.
        sommes: (whole row, part rows, columns): rows that add up, and in which columns.
        restes: (whole row, part rows): a territory and the set of its quarters, or others that it
            holds and that share nothing; what lies between is published under a name of its own,
            or never.
        departements: (T,) département of each row, an index; -1 for what spans several.
        blancs: (T, C) bool: cells that their producer hides; see `blanks.with_blanks`.
    """

    territoires: list[Territoire]
    colonnes: list[Colonne]
    valeurs: np.ndarray
    publiques: np.ndarray
    sommes: list[tuple[int, np.ndarray, np.ndarray]] = field(default_factory=list)
    restes: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    departements: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    blancs: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))

    def __post_init__(self) -> None:
        if not self.blancs.size:
            self.blancs = np.zeros(self.valeurs.shape, dtype=bool)


def blocks(g: Grille) -> list[list[int]]:
    """Columns of one period and rule: those whose figures are tied by formulas."""
    found: dict[tuple[str, ...], list[int]] = {}
    for c, column in enumerate(g.colonnes):
        found.setdefault(column[1:], []).append(c)
    return list(found.values())


def grille(
    cellules: Sequence[Mapping],
    ensembles: Sequence[Mapping],
    imbriques: Sequence[tuple[Territoire, tuple[Territoire, ...]]] = (),
    blancs: Sequence[Mapping] = (),
) -> Grille:
    """The grid of the confidential cells and of the sets that the build recomposes from them.

    Args:
        cellules: known rows `code_territoire`, `perimetre`, `mesure`, `periode`, `regle`,
            `valeur`, `publique`.
        ensembles: rows `code_ensemble`, `code_qpv`, `perimetre`: complete sets and their members.
        imbriques: a territory, and others that it holds whole and that share nothing; what lies
            between is never published.
        blancs: rows likewise, without `valeur`: counts that their producer hides.
    """
    columns = sorted({_column(c) for c in [*cellules, *blancs]})
    own = sorted({(c["code_territoire"], c["perimetre"]) for c in cellules})
    members: dict[Territoire, list[Territoire]] = {}
    for row in ensembles:
        quarter = (row["code_qpv"], row["perimetre"])
        members.setdefault((row["code_ensemble"], row["perimetre"]), []).append(quarter)
    there = set(own)
    sets = sorted(s for s, parts in members.items() if there.issuperset(parts))
    rows = [*own, *(s for s in sets if s not in there)]
    row_of = {t: i for i, t in enumerate(rows)}
    column_of = {c: i for i, c in enumerate(columns)}
    values = np.full((len(rows), len(columns)), np.nan)
    shown = np.zeros(values.shape, dtype=bool)
    for cell in cellules:
        place = row_of[cell["code_territoire"], cell["perimetre"]], column_of[_column(cell)]
        values[place] = cell["valeur"]
        shown[place] = cell["publique"]
    hidden = np.zeros(values.shape, dtype=bool)
    for cell in blancs:
        at = row_of.get((cell["code_territoire"], cell["perimetre"]))
        if at is not None:
            hidden[at, column_of[_column(cell)]] = True
    found = Grille(rows, columns, values, shown, blancs=hidden & np.isnan(values))
    # Départements first: France is the sum of theirs, 99 terms instead of 1,300.
    for name in sorted(sets, key=lambda s: (s[0] == FRANCE, s)):
        parts = _parts(name, members, row_of)
        total = values[parts].sum(axis=0)
        whole = row_of[name]
        values[whole] = np.where(np.isnan(values[whole]), total, values[whole])
        ties = np.flatnonzero(np.isclose(values[whole], total, rtol=EGAL, atol=EGAL))
        if ties.size:
            found.sommes.append((whole, parts, ties))
    for rest, perimetre in own:
        if (held := without(rest)) is None:
            continue
        outer, inner = (held[0], ""), (held[1], perimetre)
        if outer in row_of and inner in row_of:
            parts = np.array([row_of[inner], row_of[rest, perimetre]])
            total = values[parts].sum(axis=0)
            ties = np.flatnonzero(np.isclose(values[row_of[outer]], total, rtol=EGAL, atol=EGAL))
            found.sommes.append((row_of[outer], parts, ties))
    found.restes = [
        (row_of[place, ""], (row_of[name],))
        for name in sets
        for place in [whole_of(name[0]) or ""]
        if (place, "") in row_of
    ]
    found.restes += [
        (row_of[outer], tuple(row_of[inner] for inner in held))
        for outer, held in imbriques
        if there.issuperset([outer, *held])
    ]
    found.departements = _departments(rows, members)
    return found


def _column(cell: Mapping) -> Colonne:
    return cell["mesure"], cell["periode"], cell["regle"]


def _parts(
    name: Territoire, members: Mapping[Territoire, list[Territoire]], row_of: Mapping
) -> np.ndarray:
    """Rows that add up to a set: its départements for France if they hold the same quarters."""
    quarters = members[name]
    if name[0] == FRANCE:
        wanted = set(quarters)
        inside = [
            (s, parts)
            for s, parts in members.items()
            if s[0].startswith("QPV@DEP:")
            and s[1] == name[1]
            and s in row_of
            and wanted >= {*parts}
        ]
        if sum(len(parts) for _, parts in inside) == len(wanted):
            return np.array([row_of[s] for s, _ in inside])
    return np.array([row_of[q] for q in quarters])


def _departments(
    rows: Sequence[Territoire], members: Mapping[Territoire, list[Territoire]]
) -> np.ndarray:
    labels: dict[str, int] = {}
    home: dict[Territoire, int] = {}
    for (code, perimetre), quarters in sorted(members.items()):
        if code.startswith("QPV@DEP:"):
            label = labels.setdefault(code, len(labels))
            home |= dict.fromkeys([*quarters, (code, perimetre)], label)
    for name, quarters in members.items():
        if name not in home and len({home.get(q) for q in quarters}) == 1:
            home[name] = home.get(quarters[0], -1)
    return np.array([home.get(row, -1) for row in rows], dtype=np.int64)
