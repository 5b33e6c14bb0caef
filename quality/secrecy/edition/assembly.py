"""From the grid of confidential cells and the dictionary's formulas to a tableau to mask."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from quality.disclosure.mask.primary import primaire_effectif, protection_effectif
from quality.disclosure.mask.problem import CANDIDATE, IMPOSEE, PRIMAIRE, VIRTUELLE, Tableau
from quality.secrecy.edition.formulas import Forme, Formules
from quality.secrecy.edition.grid import EGAL, Grille, blocks
from quality.secrecy.edition.past import Passe, Place, redrawn, with_what_was
from warehouse.domain.types_territoire import type_of, types_territoire

#: A part is bounded by its whole; beyond so many thresholds between them, it bounds nothing.
_BORNE = 10
#: Sums of sums are followed so far.
_LEVELS = 3


_NOTHING = Passe()
#: The type of the perimeters that anybody may draw again.
_DRAWN = "perimetre_local"
#: A cell beside those of the grid: what it is the sum of (cells, signs), its value.
_Added = tuple[np.ndarray, np.ndarray, float]


@dataclass(frozen=True)
class RegleEffectif:
    """A primary rule for counts: least count, least base of a territory, are zeros shown."""

    seuil: int
    base: str | None = None
    base_minimale: int = 0
    zeros_publiables: bool = True


@dataclass(frozen=True)
class Assemblage:
    """A tableau and where each of its cells comes from.

    Attributes:
        tableau: grid cells first, then remainders that are never published, then known gaps.
        limites: forms that readers know to be 0 or more; proches: those of the tableau, near enough
            to bound what is masked.
        lignes, colonnes: (k,) row and column of the grid, of its first k cells.
        primaires: (k,) bool: cells that their own rule hides, even if readers know them already.
    """

    tableau: Tableau
    limites: sp.csr_matrix
    proches: np.ndarray
    lignes: np.ndarray
    colonnes: np.ndarray
    primaires: np.ndarray

    def dans_la_grille(self, perdues: np.ndarray) -> np.ndarray:
        """The cells of the grid that stand for `perdues`: for a remainder, its terms."""
        k = self.lignes.size
        rows = self.tableau.relations[:, perdues[perdues >= k]].tocoo().row
        terms = np.unique(self.tableau.relations[np.unique(rows)].indices)
        return np.union1d(perdues[perdues < k], terms[terms < k]).astype(np.int64)


class _Relations:
    """Rows of a sparse matrix, gathered as they are found."""

    def __init__(self) -> None:
        self.rows: list[np.ndarray] = []
        self.cells: list[np.ndarray] = []
        self.signs: list[np.ndarray] = []
        self.count = 0

    def add(self, cells: np.ndarray, signs: np.ndarray) -> None:
        """One relation for each row of `cells` (r, terms): signs (terms,) @ cells == 0."""
        r, terms = cells.shape
        self.rows.append(np.repeat(np.arange(self.count, self.count + r), terms))
        self.cells.append(cells.ravel())
        self.signs.append(np.tile(signs, r))
        self.count += r

    def matrix(self, n: int) -> sp.csr_matrix:
        if not self.count:
            return sp.csr_matrix((0, n))
        parts = (np.concatenate(a) for a in (self.signs, self.rows, self.cells))
        signs, rows, cells = parts
        return sp.csr_matrix((signs, (rows, cells)), shape=(self.count, n))


def assemble(
    g: Grille,
    formules: Formules,
    regles: Mapping[str, RegleEffectif],
    passe: Passe = _NOTHING,
) -> Assemblage:
    """The tableau of a grid.

    Args:
        g: the grid.
        formules: forms of the published indicators.
        regles: rules by name.
        passe: what earlier releases show of these cells, and hide.
    """
    known = ~np.isnan(g.valeurs)
    lignes, colonnes = np.nonzero(known)
    ids = np.full(g.valeurs.shape, -1)
    ids[known] = np.arange(lignes.size)
    v = g.valeurs[known]
    rule = [regles[name] for *_, name in g.colonnes]
    seuil = np.array([r.seuil for r in rule], dtype=float)[colonnes]

    relations, limits = _Relations(), _Relations()
    virtual: list[_Added] = []
    gaps: list[_Added] = []
    for whole, parts, columns in g.sommes:
        cells = ids[np.ix_(np.append(whole, parts), columns)].T
        relations.add(cells, np.concatenate([[1.0], -np.ones(parts.size)]))
    for block in blocks(g):
        mesures = {g.colonnes[c][0]: c for c in block}
        gaps += _ties(g, formules, mesures, ids, relations, limits)
        virtual += _remainders(g, formules, mesures, ids, rule[block[0]].seuil)
        _limits(g, formules, mesures, ids, limits)
    virtual += _between(g, ids, rule, limits)

    added = [*virtual, *gaps]
    n = lignes.size + len(added)
    for k, (cells, signs, _) in enumerate(added):
        relations.add(np.append(cells, lignes.size + k)[None, :], np.append(signs, -1.0))
    values = np.concatenate([v, [value for _, _, value in added]])
    thresholds = np.concatenate([seuil, [rule[colonnes[c[0]]].seuil for c, _, _ in added]])
    below, above, width = protection_effectif(values, thresholds)

    shown = np.array([r.zeros_publiables for r in rule])[colonnes]
    status = np.full(n, VIRTUELLE, dtype=np.int8)
    status[n - len(gaps) :] = IMPOSEE
    primary = primaire_effectif(v, seuil) | _petites_bases(g, rule, lignes, colonnes)
    blank = np.zeros(n, dtype=bool)
    blank[: v.size] = g.blancs[known]
    primary &= ~(g.publiques | g.blancs)[known]
    revised, hidden, shown_before = (
        _among(g, lignes, colonnes, places)
        for places in (passe.revisees, passe.masquees, passe.connues | passe.retirees)
    )
    before = np.full(n, np.nan)
    before[: v.size][revised] = [
        passe.revisees[_place(g, r, c)]
        for r, c in zip(lignes[revised], colonnes[revised], strict=True)
    ]
    drawn = np.array([type_of(code) == _DRAWN for code, _ in g.territoires])[lignes]
    again = drawn & redrawn(v, before[: v.size], seuil)
    room = seuil - np.abs(v - before[: v.size])
    below[: v.size] = np.where(again & (v < before[: v.size]), room, below[: v.size])
    above[: v.size] = np.where(again & (v > before[: v.size]), room, above[: v.size])
    primary |= again
    already = g.publiques[known] | shown_before
    status[: v.size] = np.where(primary, PRIMAIRE, CANDIDATE)
    status[: v.size][already | ((v == 0) & shown)] = IMPOSEE
    status[blank] = VIRTUELLE
    limites = limits.matrix(n)
    proches = limites @ values < _BORNE * _largest_of(limites, thresholds)
    inequalities = limites[np.flatnonzero(proches)]
    tableau = Tableau(
        valeurs=values,
        relations=relations.matrix(n),
        statuts=status,
        bas=np.concatenate(
            [np.minimum(v, _least(g, formules, rule)[known]), values[v.size :].clip(max=1)]
        ),
        protection_basse=below,
        protection_haute=above,
        largeur=width,
        couts=np.sqrt(values.clip(0) + 1)
        * np.concatenate([_weights(g)[lignes], np.ones(len(added))]),
        contributeurs=np.where((values == 1) & (np.arange(n) < n - len(gaps)) & ~blank, 1, -1),
        blocs=_labels(g, lignes, colonnes, added),
        inegalites=inequalities,
        inegalites_bas=np.zeros(inequalities.shape[0]),
        inegalites_haut=np.full(inequalities.shape[0], np.inf),
    )
    none = np.zeros(len(added), dtype=bool)
    tableau = with_what_was(tableau, before, np.append(hidden, none), blank, thresholds)
    limites.resize(limites.shape[0], tableau.valeurs.size)
    return Assemblage(
        tableau,
        limites,
        proches,
        lignes,
        colonnes,
        primary,
    )


def _ties(
    g: Grille,
    formules: Formules,
    mesures: Mapping[str, int],
    ids: np.ndarray,
    out: _Relations,
    limits: _Relations,
) -> list[_Added]:
    """The declared sums of one block, in each territory where all is known, else as bounds.

    Where a sum does not hold, a reader who knows by how much has the same tie: the gap is a known
    cell, given back.
    """
    gaps: list[_Added] = []
    for forme, reste in formules.sommes:
        there = [(mesures[m], sign) for m, sign in forme if m in mesures]
        columns = np.array([c for c, _ in there], dtype=np.int64)
        signs = np.array([sign for _, sign in there])
        if len(there) < 2 or not (signs > 0).any():
            continue
        figures = g.valeurs[:, columns]
        gap = figures @ signs
        complete = ~np.isnan(gap) & (len(there) == len(forme)) & (not reste)
        exact = complete & (np.abs(gap) <= EGAL * (1 + np.abs(figures).max(axis=1)))
        rows = np.flatnonzero(exact)
        out.add(ids[np.ix_(rows, columns)], signs)
        gaps += [
            (ids[row, columns], signs, float(gap[row])) for row in np.flatnonzero(complete & ~exact)
        ]
        # A rest, or a part that its producer left blank: those known are at most the whole.
        whole = figures[:, signs > 0].ravel()
        left = np.nansum(figures * signs, axis=1)
        for row in np.flatnonzero(~complete & ~np.isnan(whole) & (left >= 0)):
            known = ~np.isnan(figures[row])
            if known.sum() > 1:
                limits.add(ids[row, columns[known]][None, :], signs[known])
    return gaps


def _remainders(
    g: Grille, formules: Formules, mesures: Mapping[str, int], ids: np.ndarray, seuil: int
) -> list[_Added]:
    """Sums and remainders below the threshold, in each territory where every term is known."""
    found = []
    for forme in sorted(formules.restes | formules.comptes):
        if not all(m in mesures for m, _ in forme):
            continue
        columns, signs = _columns(forme, mesures)
        value = g.valeurs[:, columns] @ signs
        for row in np.flatnonzero((value > 0.5) & (value < seuil)):
            found.append((ids[row, columns], signs, float(value[row])))
    return found


def _between(
    g: Grille, ids: np.ndarray, rule: list[RegleEffectif], limits: _Relations
) -> list[_Added]:
    """What lies between a territory and what it holds, where it is below the threshold."""
    found = []
    for outer, inner in g.restes:
        value = g.valeurs[outer] - g.valeurs[list(inner)].sum(axis=0)
        rows, signs = np.array([outer, *inner]), np.array([1.0, *(-1.0 for _ in inner)])
        held = np.flatnonzero(value >= 0)
        limits.add(ids[np.ix_(rows, held)].T, signs)
        for c in np.flatnonzero((value > 0.5) & (value < [r.seuil for r in rule])):
            found.append((ids[rows, c], signs, float(value[c])))
    return found


def _limits(
    g: Grille,
    formules: Formules,
    mesures: Mapping[str, int],
    ids: np.ndarray,
    out: _Relations,
) -> None:
    """Part <= whole, wherever both are known."""
    for forme in sorted(formules.restes):
        if not all(m in mesures for m, _ in forme):
            continue
        columns, signs = _columns(forme, mesures)
        value = g.valeurs[:, columns] @ signs
        rows = np.flatnonzero(value >= 0)
        out.add(ids[np.ix_(rows, columns)], signs)


def _largest_of(rows: sp.csr_matrix, values: np.ndarray) -> np.ndarray:
    """(m,) the largest value among the cells of each row."""
    found = np.zeros(rows.shape[0])
    np.maximum.at(
        found, np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr)), values[rows.indices]
    )
    return found


def _least(g: Grille, formules: Formules, rule: list[RegleEffectif]) -> np.ndarray:
    """(T, C) what a reader knows each cell to be at least, were it hidden.

    Where zeros are shown, a cell that is not is 1 or more, those that its producer left blank too:
    a total is as many as its parts.
    """
    shown = np.array([r.zeros_publiables for r in rule])
    least = np.where((np.isnan(g.valeurs) | (g.valeurs > 0)) & shown, 1.0, 0.0)
    most = np.where(np.isnan(g.valeurs), np.inf, g.valeurs)
    for block in blocks(g):
        mesures = {g.colonnes[c][0]: c for c in block}
        for _ in range(_LEVELS):
            for forme, _reste in formules.sommes:
                there = [(mesures[m], sign) for m, sign in forme if m in mesures]
                whole = [c for c, sign in there if sign > 0]
                parts = [c for c, sign in there if sign < 0]
                if len(whole) == 1 and parts:
                    inside = least[:, parts].sum(axis=1)
                    enough = np.maximum(least[:, whole[0]], inside)
                    least[:, whole[0]] = np.minimum(enough, most[:, whole[0]])
    return least


def _columns(forme: Forme, mesures: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([mesures[m] for m, _ in forme]), np.array([c for _, c in forme])


def _petites_bases(
    g: Grille, rule: list[RegleEffectif], lignes: np.ndarray, colonnes: np.ndarray
) -> np.ndarray:
    """Cells of territories whose base is too small for any count to be shown."""
    small = np.zeros(g.valeurs.shape, dtype=bool)
    for block in blocks(g):
        asked = rule[block[0]]
        base = [c for c in block if g.colonnes[c][0] == asked.base]
        if base:
            under = (g.valeurs[:, base[0]] > 0) & (g.valeurs[:, base[0]] < asked.base_minimale)
            under &= ~g.blancs[:, base[0]]
            cells = np.ix_(under, np.array(block))
            small[cells] = g.valeurs[cells] > 0
    return small[lignes, colonnes]


def _among(
    g: Grille, lignes: np.ndarray, colonnes: np.ndarray, places: Collection[Place]
) -> np.ndarray:
    """(k,) bool: the cells of the grid that are some of these."""
    if not places:
        return np.zeros(lignes.size, dtype=bool)
    names = (_place(g, r, c) for r, c in zip(lignes, colonnes, strict=True))
    return np.fromiter((name in places for name in names), dtype=bool, count=lignes.size)


def _place(g: Grille, row: int, column: int) -> Place:
    mesure, periode, _ = g.colonnes[column]
    return (*g.territoires[row], mesure, periode)


def _weights(g: Grille) -> np.ndarray:
    types = types_territoire()
    kinds = (type_of(code) for code, _ in g.territoires)
    return np.array([types[kind].poids if kind else 1 for kind in kinds], dtype=float)


def _labels(
    g: Grille, lignes: np.ndarray, colonnes: np.ndarray, added: Sequence[_Added]
) -> np.ndarray:
    """Département × block of columns; a cell beside those of the grid is with its terms."""
    family = np.zeros(len(g.colonnes), dtype=np.int64)
    for k, block in enumerate(blocks(g)):
        family[block] = k
    home = g.departements[lignes]
    own = np.where(home >= 0, home * (family.max(initial=0) + 1) + family[colonnes], -1)
    beside = [int(own[cells[0]]) if np.ptp(own[cells]) == 0 else -1 for cells, _, _ in added]
    return np.concatenate([own, np.array(beside, dtype=np.int64)])
