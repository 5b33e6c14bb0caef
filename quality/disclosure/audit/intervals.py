"""Intervals: the lowest and highest value of a masked cell that agree with all that is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from .system import System

#: An answer is trusted to this, in units of a millionth of the largest figure (1 at least).
#: Ten times the solver's own tolerance on a row.
TOLERANCE = 1e-6
#: How far beyond the largest figure of a component its cells may go.
HORIZON = 1e4
#: Cells that small components bring to one program.
BATCH = 1000
#: Nodes after which a search in integers gives up, and the linear interval stands.
NODES = 20_000


class Impossible(Exception):
    """No value agrees with what is printed, or the solver finds none: the cell is not judged."""


@dataclass
class Component:
    """Cells that relations tie together (sorted), and the rows that tie them: relations first."""

    cells: np.ndarray
    rows: np.ndarray


@dataclass
class Rows:
    """Relations then ranges as `low <= matrix @ x <= high`, each brought to units of its cells."""

    matrix: sp.csr_matrix
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def of(cls, system: System) -> Rows:
        """A row of a rate is in hundreds: its largest coefficient becomes 1."""
        matrix = sp.vstack([system.relations, system.ranges], format="csr")
        size = np.full(matrix.shape[0], 1e-12)
        np.maximum.at(
            size, np.repeat(np.arange(len(size)), np.diff(matrix.indptr)), abs(matrix.data)
        )
        return cls(
            (sp.diags(1 / size) @ matrix).tocsr(),
            np.concatenate([system.rhs, system.low]) / size,
            np.concatenate([system.rhs, system.high]) / size,
        )


def components(system: System, wanted: Iterable[int]) -> list[Component]:
    """The components that hold a wanted cell, smallest first."""
    n = len(system.noms)
    rows = sp.vstack([system.relations, system.ranges], format="csr")
    links = sp.bmat([[None, rows.T], [rows, None]], format="csr")
    _, label = connected_components(links != 0, directed=False)
    order = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[order], np.arange(label.max(initial=-1) + 2))
    found = []
    for one in sorted({int(label[cell]) for cell in wanted}):
        members = order[starts[one] : starts[one + 1]]
        found.append(Component(members[members < n], members[members >= n] - n))
    return sorted(found, key=lambda c: len(c.cells))


def batches(found: Iterable[Component], rows: Rows) -> list[Component]:
    """Small components side by side, of figures of one size: one program speaks for all."""
    size = np.maximum(*(np.where(np.isfinite(b), abs(b), 0.0) for b in (rows.low, rows.high)))
    groups: dict[int, list[list[Component]]] = {}
    for c in found:
        if not len(c.rows) or len(c.cells) > BATCH:
            continue
        decade = int(np.log10(size[c.rows].max() + 1))
        group = groups.setdefault(decade, [[]])
        if sum(len(one.cells) for one in group[-1]) + len(c.cells) > BATCH:
            group.append([])
        group[-1].append(c)
    return [
        Component(
            np.sort(np.concatenate([c.cells for c in side])),
            np.sort(np.concatenate([c.rows for c in side])),
        )
        for group in groups.values()
        for side in group
    ]


@dataclass
class Attack:
    """One component in the solver, ready to be asked about its cells.

    `horizon`: what nothing bounds is stopped far beyond every figure; one solution then shows
    many cells at once, at the price of not telling far from without end.
    """

    system: System
    component: Component
    all_rows: Rows
    horizon: bool = False
    #: Rows (numbers of `component.rows`) that this reader does not doubt.
    crues: Sequence[int] = ()
    #: Rows that the others contradict, by their place in the component: not taken to the letter.
    ecartees: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        s, c, rows = self.system, self.component, self.all_rows
        names = len(s.noms_relations)
        self.noms = [
            s.noms_relations[r] if r < names else s.noms_ranges[r - names] for r in c.rows.tolist()
        ]
        self._sums = int((c.rows < names).sum())
        self._local = {cell: at for at, cell in enumerate(c.cells.tolist())}
        mine = rows.matrix[c.rows]
        local = np.searchsorted(c.cells, mine.indices)
        shape = (len(c.rows), len(c.cells))
        self._rows = sp.csr_matrix((mine.data, local, mine.indptr), shape=shape)
        self._low, self._high = rows.low[c.rows].copy(), rows.high[c.rows].copy()
        self._lower, self._upper = s.lower[c.cells].copy(), s.upper[c.cells].copy()
        self._scale()
        self._held: dict[tuple[int, int], np.ndarray] = {}
        self._ends: dict[tuple[int, int], float] = {}
        self.witness_low = np.full(len(c.cells), np.inf)
        self.witness_high = np.full(len(c.cells), -np.inf)
        self._solver = self._load(np.zeros(0, int))
        self.ecartees = np.zeros(0, int)
        if not self._feasible():
            self._widen_contradictions()

    @property
    def contradictions(self) -> list[str]:
        """Names of the rows that the others contradict."""
        return [self.noms[row] for row in self.ecartees]

    def _scale(self) -> None:
        """Amounts in billions and counts alike come to the solver under 1e6."""
        figures = np.concatenate(
            [self._low, self._high, self._lower, self._upper[np.isfinite(self._upper)]]
        )
        size = np.abs(figures[np.isfinite(figures)]).max(initial=1.0)
        self.unit = max(1.0, size / 1e6)
        self.tolerance = TOLERANCE * self.unit
        if self.horizon:
            self._lower = np.maximum(self._lower, -HORIZON * size)
            self._upper = np.minimum(self._upper, HORIZON * size)

    def _load(self, elastic: np.ndarray, integer: bool = False) -> highspy._core._Highs:
        """The component as a model; rows in `elastic` get a slack on each side, at a cost."""
        # highspy.Highs prints its licence on standard output before it can be told to be silent.
        solver = highspy._core._Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        n, m, e = len(self._lower), len(self._low), len(elastic)
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = n + 2 * e, m
        # A printed total is doubted before a rounding, or a part within its whole.
        doubt = np.where(elastic < self._sums, 1.0, 2.0)
        lp.col_cost_ = np.concatenate([np.zeros(n), doubt, doubt])
        unit = 1.0 if integer else self.unit
        lp.col_lower_ = np.concatenate([self._lower / unit, np.zeros(2 * e)])
        lp.col_upper_ = np.concatenate([self._upper / unit, np.full(2 * e, np.inf)])
        lp.row_lower_, lp.row_upper_ = self._low / unit, self._high / unit
        matrix = self._rows.tocsc()
        if e:
            slack = sp.csc_matrix((np.ones(e), (elastic, np.arange(e))), shape=(m, e))
            matrix = sp.hstack([matrix, slack, -slack], format="csc")
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_ = matrix.indptr
        lp.a_matrix_.index_ = matrix.indices
        lp.a_matrix_.value_ = matrix.data
        if integer:
            counted = self.system.integer[self.component.cells]
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            solver.setOptionValue("mip_max_nodes", NODES)
            lp.integrality_ = [kinds[int(c)] for c in counted]
        solver.setOptionValue("solver", "simplex" if not integer else "choose")
        solver.passModel(lp)
        return solver

    def _feasible(self) -> bool:
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return False
        self._witness()
        return True

    def _witness(self) -> None:
        """A solution is a proof, for every cell, that its value there is possible."""
        self._show(np.array(self._solver.getSolution().col_value) * self.unit)

    def _show(self, values: np.ndarray) -> None:
        np.minimum(self.witness_low, values, out=self.witness_low)
        np.maximum(self.witness_high, values, out=self.witness_high)

    def _widen_contradictions(self) -> None:
        """The rows of the least total violation, each by twice what it is off; they are named.

        Twice: a reader does not know which side of the contradiction is wrong.
        """
        if (self._lower > self._upper).any():
            cell = self.component.cells[int(np.argmax(self._lower > self._upper))]
            raise Impossible(self.system.noms[cell])
        m = len(self._low)
        doubted = np.setdiff1d(np.arange(m), np.searchsorted(self.component.rows, self.crues))
        solver = self._load(doubted)
        solver.run()
        slack = np.array(solver.getSolution().col_value)[len(self._lower) :]
        gap = (slack[: len(doubted)] + slack[len(doubted) :]) if len(slack) else np.zeros(0)
        self.ecartees = doubted[np.flatnonzero(gap > 1e-6)]
        room = 2 * self.unit * gap[gap > 1e-6]
        self._low[self.ecartees] -= room
        self._high[self.ecartees] += room
        self._solver = self._load(np.zeros(0, int))
        if not self._feasible():
            raise Impossible(self.system.noms[int(self.component.cells[0])])

    def extreme(self, cell: int, sign: int) -> float:
        """The lowest (sign 1) or highest (-1) value of a cell; infinite where nothing stops it."""
        if (cell, sign) not in self._ends:
            self._ends[cell, sign] = self._solve(cell, sign)
        return self._ends[cell, sign]

    def _solve(self, cell: int, sign: int) -> float:
        at = self._local[cell]
        solver = self._solver
        solver.changeColCost(at, float(sign))
        solver.run()
        status = solver.getModelStatus()
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded):
            solver.clearSolver()
            solver.run()
            status = solver.getModelStatus()
        solver.changeColCost(at, 0.0)
        if status == highspy.HighsModelStatus.kOptimal:
            self._witness()
            solution = solver.getSolution()
            # A relation with a dual value is one without which the end would move.
            self._held[cell, sign] = np.flatnonzero(np.abs(solution.row_dual) > 1e-9)
            return float(solution.col_value[at]) * self.unit
        if status in (
            highspy.HighsModelStatus.kUnbounded,
            highspy.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            witness = self.witness_high if sign < 0 else self.witness_low
            witness[at] = -sign * np.inf
            return -sign * np.inf
        raise Impossible(self.system.noms[cell])

    def centre(self) -> None:
        """A solution far from every bound: it clears most cells at once.

        A corner, which the simplex gives, leaves the whole of a sum to one of its cells: two
        thousand cells ask for a hundred of them.
        """
        solver = self._load(np.zeros(0, int))
        for option, value in (("solver", "ipm"), ("run_crossover", "off"), ("presolve", "off")):
            solver.setOptionValue(option, value)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return
        values = np.array(solver.getSolution().col_value)
        values = np.clip(values * self.unit, self._lower, self._upper)
        total, room = self._rows @ values, 1e-12 * (abs(self._rows) @ abs(values))
        room += 0.1 * self.tolerance  # what the simplex allows itself on a row
        if (total >= self._low - room).all() and (total <= self._high + room).all():
            self._show(values)

    def widen(self, cells: Sequence[int], turn: int = 0) -> None:
        """Solutions in which these cells are low together, then high together.

        `turn`: from 1 on, some are low while the others are high, and the reverse: two parts of
        one sum cannot both be high.
        """
        at = np.array([self._local[cell] for cell in cells], np.int32)
        way = np.ones(len(at))
        if turn:
            way = np.random.default_rng(turn).choice([1.0, -1.0], len(at))
        for sign in (1.0, -1.0):
            self._solver.changeColsCost(len(at), at, sign * way)
            self._solver.run()
            if self._solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                self._witness()
        self._solver.changeColsCost(len(at), at, np.zeros(len(at)))

    def proof(self, cell: int) -> tuple[str, ...]:
        """Names of the relations that hold the ends of `interval`; none for a public bound."""
        rows = [self._held.get((cell, sign), ()) for sign in (1, -1)]
        return tuple(dict.fromkeys(self.noms[row] for row in np.concatenate(rows).astype(int)))

    def interval(self, cell: int) -> tuple[float, float]:
        """Lowest and highest value of a cell, skipping what a witness already reaches."""
        return self.lowest(cell), self.highest(cell)

    def lowest(self, cell: int) -> float:
        """The lowest value of a cell; its bound if a witness reaches it."""
        at = self._local[cell]
        low = float(self._lower[at])
        return self.extreme(cell, 1) if self.witness_low[at] > low + self.tolerance else low

    def highest(self, cell: int) -> float:
        """The highest value of a cell; its bound if a witness reaches it."""
        at = self._local[cell]
        high = float(self._upper[at])
        return self.extreme(cell, -1) if self.witness_high[at] < high - self.tolerance else high

    def seen(self, cell: int) -> tuple[float, float]:
        """An interval inside the true one: what the solutions met so far have shown possible."""
        at = self._local[cell]
        return float(self.witness_low[at]), float(self.witness_high[at])

    def integers(self, cell: int) -> tuple[float, float]:
        """Lowest and highest value of a cell when every count of its component is an integer."""
        at, ends = self._local[cell], []
        solver = self._load(np.zeros(0, int), integer=True)
        for sign in (1.0, -1.0):
            solver.changeColCost(at, sign)
            solver.run()
            status = solver.getModelStatus()
            if status == highspy.HighsModelStatus.kInfeasible:
                raise Impossible(self.system.noms[cell])
            optimal = status == highspy.HighsModelStatus.kOptimal
            value = solver.getSolution().col_value[at] if optimal else -sign * np.inf
            counted = optimal and bool(self.system.integer[cell])
            ends.append(float(np.round(value)) if counted else float(value))
        return ends[0], ends[1]
