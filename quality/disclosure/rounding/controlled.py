"""Controlled rounding of tied figures: multiples of a base, every sum kept, no bias.

The figures, in units of the base, are a point of the polytope of what may be printed: each between
the two multiples around it, every sum true. A fair walk goes from face to face until it draws a
whole point, so that each figure is printed at its own value on average (Cox, 1987, doi
10.1080/01621459.1987.10478456, for two dimensions). Where sums are no network a face may hold no
whole point: what is left is then mended by an integer program, and counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
import scipy.sparse as sp

from ..refused import DisclosureError

#: A figure this near a whole number of bases is one.
WHOLE = 1e-6
#: How many multiples further than its neighbours a mended figure may go.
REACH = 3
SECONDS = 60.0  #: for the integer program


@dataclass(frozen=True)
class Rounding:
    """`values`: (n,) multiples of the base, sums kept. `steps`: fair steps that were taken.

    `mended`: how many figures the integer program moved; 0 in a draw without any bias.
    `reach`: how many multiples from its value a figure may be printed (1: one of its neighbours).
    """

    values: np.ndarray
    base: int
    steps: int
    mended: int
    reach: int


def controlled(values: np.ndarray, relations: sp.csr_matrix, base: int, seed: int) -> Rounding:
    """Round (n,) figures that (m, n) `relations @ values = 0` tie, to multiples of `base`.

    The same seed gives the same rounding: draw it, and do not publish it.

    Raises:
        DisclosureError: a base under 2, a figure under 0, no rounding that keeps every sum.
    """
    if base < 2 or (values < 0).any():
        raise DisclosureError(
            "ces figures ne s'arrondissent pas ainsi",
            ou=f"base {base}, plus petite valeur {values.min(initial=0):g}",
            attendu="une base d'au moins 2, des effectifs d'au moins 0",
        )
    rng = np.random.default_rng(seed)
    point = np.asarray(values, dtype=float) / base
    low, high = np.floor(point + WHOLE), np.ceil(point - WHOLE)
    corner, steps = _walk(point.copy(), relations, low, high, rng)
    broken = np.abs(corner - np.round(corner)) > WHOLE
    if not broken.any():
        return Rounding(np.round(corner) * base, base, steps, 0, 1)
    for reach in range(1, REACH + 1):
        found = _mended(corner, relations, low, high, reach - 1, rng)
        if found is not None:
            moved = np.abs(found - corner) > WHOLE
            return Rounding(found * base, base, steps, int(moved.sum()), reach)
    raise DisclosureError(
        f"aucun arrondi à {base} ne garde toutes les sommes",
        attendu="des tableaux dont les sommes s'arrondissent ensemble",
        faire="prendre une base plus petite, ou ôter une hiérarchie",
    )


def _walk(
    x: np.ndarray,
    relations: sp.csr_matrix,
    low: np.ndarray,
    high: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, int]:
    """From `x` to a whole point of its polytope, each step fair; else to a face without one."""
    matrix = sp.csc_matrix(relations)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = x.size, matrix.shape[0]
    lp.col_cost_ = rng.standard_normal(x.size)
    lp.col_lower_, lp.col_upper_ = low, high
    lp.row_lower_ = lp.row_upper_ = np.zeros(matrix.shape[0])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data
    lp.integrality_ = [highspy.HighsVarType.kInteger] * x.size
    solver = _quiet()
    solver.setOptionValue("time_limit", SECONDS)
    # Any whole point will do: the costs, drawn at random, only say where to look first.
    solver.setOptionValue("mip_rel_gap", 1e6)
    solver.passModel(lp)
    low, high, steps = low.copy(), high.copy(), 0
    while True:
        solver.run()
        found = solver.getInfo().primal_solution_status
        if found != highspy.SolutionStatus.kSolutionStatusFeasible:
            return x, steps
        corner = np.round(np.asarray(solver.getSolution().col_value))
        away = x - corner
        if np.abs(away).max(initial=0) < WHOLE:
            return corner, steps
        # Beyond x, on the line from the corner, until a figure meets one of its multiples.
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(away > 0, (high - x) / away, (low - x) / away)
        room[np.abs(away) < WHOLE * 1e-3] = np.inf
        far = max(float(room.min()), 0.0)
        steps += 1
        if rng.random() < far / (1 + far):
            return corner, steps
        x = x + far * away
        hit = np.flatnonzero(room <= far * (1 + 1e-9) + 1e-12)
        x[hit] = np.where(away[hit] > 0, high[hit], low[hit])
        low[hit] = high[hit] = x[hit]
        for i in hit.tolist():
            solver.changeColBounds(i, x[i], x[i])


def _mended(
    corner: np.ndarray,
    relations: sp.csr_matrix,
    low: np.ndarray,
    high: np.ndarray,
    more: int,
    rng: np.random.Generator,
) -> np.ndarray | None:
    """The whole figures nearest to `corner` that keep every sum; None if there are none."""
    n = corner.size
    matrix = sp.hstack([sp.csc_matrix(relations), sp.csc_matrix((relations.shape[0], n))])
    # d >= |x - corner|
    one = sp.identity(n, format="csc")
    matrix = sp.vstack([matrix, sp.hstack([one, -one]), sp.hstack([one, one])]).tocsc()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = 2 * n, matrix.shape[0]
    lp.col_cost_ = np.concatenate([np.zeros(n), 1 + 0.1 * rng.random(n)])
    # What is a multiple, an empty cell first of all, stays what it is.
    fixed = low == high
    lp.col_lower_ = np.concatenate([np.maximum(low - np.where(fixed, 0, more), 0), np.zeros(n)])
    lp.col_upper_ = np.concatenate([high + np.where(fixed, 0, more), np.full(n, np.inf)])
    still, endless = np.zeros(relations.shape[0]), np.full(n, np.inf)
    lp.row_lower_ = np.concatenate([still, -endless, corner])
    lp.row_upper_ = np.concatenate([still, corner, endless])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data
    kinds = (highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous)
    lp.integrality_ = [kinds[i >= n] for i in range(2 * n)]
    solver = _quiet()
    solver.setOptionValue("time_limit", SECONDS)
    solver.setOptionValue("mip_rel_gap", 0.05)
    solver.passModel(lp)
    solver.run()
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return np.round(np.asarray(solver.getSolution().col_value)[:n])


def _quiet() -> highspy._core._Highs:
    """A silent solver of one thread."""
    # highspy.Highs prints its licence on standard output before it can be told to be silent.
    solver = highspy._core._Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    return solver
