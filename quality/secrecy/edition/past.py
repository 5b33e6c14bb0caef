"""What earlier releases leave in the hands of readers of today's cells: known, revised, masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import scipy.sparse as sp

from quality.disclosure.mask.primary import protection_effectif
from quality.disclosure.mask.problem import IMPOSEE, LIBRE, VIRTUELLE, Tableau
from quality.secrecy.edition.grid import EGAL, Grille

#: What names a cell from one release to the next: territory, perimeter, mesure, period.
Place = tuple[str, str, str, str]


@dataclass(frozen=True)
class Passe:
    """Cells by what releases told of them.

    Attributes:
        connues: their value of today is in a release that stands; retirees: in one that was
            withdrawn alone.
        revisees: with the newest other value that a release showed, which is not theirs any more.
        masquees: a release hides them, and none shows their value of today.
    """

    connues: frozenset[Place] = frozenset()
    retirees: frozenset[Place] = frozenset()
    revisees: Mapping[Place, float] = field(default_factory=dict)
    masquees: frozenset[Place] = frozenset()


def past_of(g: Grille, publications: Iterable[Mapping]) -> Passe:
    """What was told of the cells of a grid.

    Args:
        publications: rows of `warehouse.release.loading.PUBLICATIONS_SCHEMA`.
    """
    rows = {t: r for r, t in enumerate(g.territoires)}
    columns = {(mesure, periode): c for c, (mesure, periode, _) in enumerate(g.colonnes)}
    told: dict[str, set[Place]] = {e: set() for e in ("diffuse", "retire", "secret")}
    revised: dict[Place, float] = {}
    for p in publications:
        place = (p["code_territoire"], p["perimetre"], p["mesure"], p["periode"])
        row, column = rows.get(place[:2]), columns.get(place[2:])
        if row is None or column is None:
            continue
        shown, now = p["valeur"], float(g.valeurs[row, column])
        if shown is not None and not abs(shown - now) <= EGAL * (1 + abs(now)):
            revised[place] = shown
        else:
            told[p["etat"]].add(place)
    known = told["diffuse"] | told["retire"]
    return Passe(
        frozenset(told["diffuse"]),
        frozenset(told["retire"] - told["diffuse"]),
        revised,
        frozenset(told["secret"] - known),
    )


def redrawn(values: np.ndarray, before: np.ndarray, seuils: np.ndarray) -> np.ndarray:
    """(n,) bool: figures of a perimeter that was drawn again, which a few units tell from before.

    The difference of the two releases is that of the two drawings.
    """
    gap = np.abs(values - np.where(np.isnan(before), values, before))
    return (gap > 0.5) & (gap < seuils)


def with_what_was(
    tableau: Tableau,
    before: np.ndarray,
    masked: np.ndarray,
    blancs: np.ndarray,
    seuils: np.ndarray,
) -> Tableau:
    """The tableau, and cells that a release hid as they were, where they have changed since.

    A total was 60 and is 63 today, for one of its parts was 3 and is 6: whoever is shown the other
    part, which did not change, has the 3 that was hidden. Nothing that is kept holds what was
    hidden: it is what the totals that were printed leave to the one cell that changed.

    Args:
        before: (n,) another value that a release showed, NaN where there is none.
        masked: (n,) bool: hidden by a release, its value of today shown by none.
        blancs: (n,) bool: whose value nobody here knows, of today or of then.
        seuils: (n,) threshold of each cell.
    """
    told = np.flatnonzero(abs(tableau.relations) @ (~np.isnan(before)).astype(float))
    if not told.size or not masked.any():
        return tableau
    past = _Past(tableau, before, masked, blancs, told)
    past.solve()
    return past.added(seuils)


class _Past:
    """Sums whose printed figures have changed, and what they leave to the cells that were hidden.

    `was`: value then of each hidden cell that may have changed, NaN while nothing tells it.
    """

    def __init__(
        self,
        tableau: Tableau,
        before: np.ndarray,
        masked: np.ndarray,
        blancs: np.ndarray,
        told: np.ndarray,
    ) -> None:
        self.tableau, self.masked, self.blancs = tableau, masked, blancs
        signs = sp.csr_matrix(tableau.relations)
        self.sums = [(row.indices, row.data) for row in (signs[[r]] for r in told)]
        # What is in a sum whose figures are all as they were did not change.
        size = abs(signs)
        same = size @ (~masked).astype(float) > 0
        same[told] = False
        steady = size.T @ same.astype(float) > 0
        self.then = np.where(np.isnan(before), tableau.valeurs, before)
        self.was = {
            c: np.nan
            for cells, _ in self.sums
            for c in cells.tolist()
            if masked[c] and not steady[c]
        }
        # Of a blank that may not have changed, the value that stands for it would be read as then.
        self.sums = [
            (cells, signs)
            for cells, signs in self.sums
            if all(c in self.was or not np.isnan(before[c]) for c in cells[blancs[cells]].tolist())
        ]

    def solve(self) -> None:
        """Sums of one cell that may have changed give it, again and again."""
        waiting, before = list(self.sums), -1
        while len(waiting) != before:
            before = len(waiting)
            left = []
            for cells, signs in waiting:
                free = [c for c in cells.tolist() if np.isnan(self._value(c))]
                if len(free) == 1:
                    self.was[free[0]] = self._left(cells, signs, free[0])
                elif free:
                    left.append((cells, signs))
            waiting = left

    def _value(self, c: int) -> float:
        return self.was.get(c, float(self.then[c]))

    def _left(self, cells: np.ndarray, signs: np.ndarray, c: int) -> float:
        """What a sum leaves to one cell, those that nothing tells being as they are today."""
        values = np.array([self._value(i) for i in cells.tolist()])
        values = np.where(np.isnan(values), self.tableau.valeurs[cells], values)
        other = cells != c
        return float(-(signs * values)[other].sum() / signs[~other][0])

    def added(self, seuils: np.ndarray) -> Tableau:
        """The tableau with the cells that were small, and the sums that they were in."""
        t, n = self.tableau, self.tableau.valeurs.size
        cells: list[tuple[float, int, int]] = []  # value, statut, cell of today
        rows: list[dict[int, float]] = []
        at: dict[int, int] = {}
        for c, value in self.was.items():
            same = abs(value - t.valeurs[c]) <= EGAL * (1 + abs(t.valeurs[c]))
            if not np.isnan(value) and (self.blancs[c] or not same):
                at[c] = n + len(cells)
                cells.append((value, VIRTUELLE if 0.5 < value < seuils[c] else LIBRE, c))
        for sum_cells, signs in self.sums:
            doubtful = [c for c in sum_cells.tolist() if np.isnan(self._value(c))]
            for c in doubtful:
                if any(self.blancs[other] for other in doubtful if other != c):
                    continue  # its value of today is nobody's
                value = self._left(sum_cells, signs, c)
                if 0.5 < value < seuils[c]:
                    rows.append(self._row(sum_cells, signs, at | {c: n + len(cells)}))
                    cells.append((value, VIRTUELLE, c))
            if not doubtful and self._holds(sum_cells, signs, at):
                rows.append(self._row(sum_cells, signs, at))
        for row in rows:
            known = row.pop(-1)
            row[n + len(cells)] = 1.0
            cells.append((known, IMPOSEE, next(iter(row))))
        return _extended(t, cells, rows, seuils) if rows else t

    def _holds(self, cells: np.ndarray, signs: np.ndarray, at: Mapping[int, int]) -> bool:
        """Whether a sum is of cells that changed, and what is said of them adds up."""
        values = np.array([self._value(c) for c in cells.tolist()])
        even = abs((signs * values).sum()) <= EGAL * (1 + np.abs(values).max())
        return bool(even) and any(c in at for c in cells.tolist())

    def _row(self, cells: np.ndarray, signs: np.ndarray, at: Mapping[int, int]) -> dict[int, float]:
        """A sum as it was: cell → sign, and under -1 the figures that a release printed."""
        row = {-1: 0.0}
        for c, sign in zip(cells.tolist(), signs.tolist(), strict=True):
            if self.masked[c]:
                row[at.get(c, c)] = sign
            else:
                row[-1] += sign * float(self.then[c])
        return row


def _extended(
    t: Tableau,
    cells: list[tuple[float, int, int]],
    rows: list[dict[int, float]],
    seuils: np.ndarray,
) -> Tableau:
    """More cells, each beside one of today, and the sums in which they are."""
    values = np.array([value for value, _, _ in cells])
    status = np.array([statut for _, statut, _ in cells], dtype=np.int8)
    today = np.array([c if c < seuils.size else 0 for _, _, c in cells], dtype=np.int64)
    below, above, width = protection_effectif(values, seuils[today])
    size = (len(rows), t.valeurs.size + values.size)
    data = [(r, c, sign) for r, row in enumerate(rows) for c, sign in row.items()]
    where = tuple(np.array(k) for k in zip(*((r, c) for r, c, _ in data), strict=True))
    more = sp.csr_matrix(([sign for *_, sign in data], where), shape=size)
    old, limits = t.relations.copy(), t.inegalites.copy()
    old.resize(t.relations.shape[0], size[1])
    limits.resize(t.inegalites.shape[0], size[1])

    def vector_with(name: str, added: np.ndarray | float) -> np.ndarray:
        tail = np.broadcast_to(added, values.shape).astype(getattr(t, name).dtype)
        return np.concatenate([getattr(t, name), tail])

    return replace(
        t,
        valeurs=vector_with("valeurs", values),
        relations=sp.vstack([old, more], format="csr"),
        statuts=vector_with("statuts", status),
        bas=vector_with("bas", np.where(status == IMPOSEE, values, np.minimum(values, 1))),
        haut=vector_with("haut", np.where(status == IMPOSEE, values, np.inf)),
        protection_basse=vector_with("protection_basse", below),
        protection_haute=vector_with("protection_haute", above),
        largeur=vector_with("largeur", width),
        couts=vector_with("couts", 1.0),
        contributeurs=vector_with("contributeurs", -1),
        blocs=vector_with("blocs", t.blocs[today]),
        inegalites=limits,
    )
