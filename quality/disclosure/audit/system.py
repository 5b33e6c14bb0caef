"""The attacker's system: what a reader does not see, and all he knows of it. Solves nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
import scipy.sparse as sp

#: Relative gap under which two printed figures are the same: rounding of a double, many times over.
PRECISION = 1e-9
#: What a cell is named by.
K = TypeVar("K")


@dataclass(frozen=True)
class Protection:
    """What must not be provable of one masked cell. Without any figure: its exact value.

    `plafond_min`: the highest value a reader must still think possible is at least this (L2: the
    threshold). `plancher_max`: the lowest is at most this. `ecart`: no estimate may be within this
    share of the value (0.10: ±10 %), judged on the interval alone. `pas`: an interval no wider
    gives the value as well as print would; a count is given by an interval of one integer.
    `zero_permis`: an empty cell is no secret, an interval of 0 alone discloses nothing.
    `ou_vide`: nor does an interval from 0: there may be nobody.
    `admis`: nor does an interval inside this one: the figure speaks of enough units, on all sides.
    """

    plafond_min: float = -np.inf
    plancher_max: float = np.inf
    ecart: float = 0.0
    pas: float = 0.0
    zero_permis: bool = False
    ou_vide: bool = False
    admis: tuple[float, float] = (np.inf, -np.inf)
    texte: str = "ne pas donner la valeur"


@dataclass(frozen=True)
class System:
    """n unknown cells, m relations, k ranges.

    `lower`, `upper`, `integer`: shape (n,), public bounds and whether the cell is a count.
    `relations @ x = rhs`: (m, n), (m,). `low <= ranges @ x <= high`: (k, n), (k,), (k,).
    `protections`: cell → what must not be provable; a cell absent from it is only a means.
    `seuls`: cells in which one unit contributes alone, and knows the value.
    `memes`: relations that tell one cell in another unit (a count, its share of a printed whole).
    """

    noms: Sequence[str]
    lower: np.ndarray
    upper: np.ndarray
    integer: np.ndarray
    relations: sp.csr_matrix
    rhs: np.ndarray
    noms_relations: Sequence[str]
    ranges: sp.csr_matrix
    low: np.ndarray
    high: np.ndarray
    noms_ranges: Sequence[str]
    protections: Mapping[int, Protection]
    seuls: frozenset[int] = frozenset()
    memes: frozenset[int] = frozenset()
    #: Relations between figures that are all printed and that do not hold.
    fausses: tuple[str, ...] = ()
    #: Cells printed though the rule masks them.
    decouvertes: tuple[str, ...] = ()


@dataclass
class _Rows:
    """Sparse rows under construction."""

    indices: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    ends: list[int] = field(default_factory=lambda: [0])
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    noms: list[str] = field(default_factory=list)

    def add(self, terms: Mapping[int, float], low: float, high: float, nom: str) -> None:
        self.indices += terms
        self.values += terms.values()
        self.ends.append(len(self.indices))
        self.low.append(low)
        self.high.append(high)
        self.noms.append(nom)

    def matrix(self, columns: int) -> sp.csr_matrix:
        return sp.csr_matrix(
            (np.array(self.values, float), np.array(self.indices, int), np.array(self.ends)),
            shape=(len(self.noms), columns),
        )


class SystemBuilder(Generic[K]):
    """Cells by key, known or not, and the relations between them; known cells leave the rows."""

    def __init__(self) -> None:
        self._known: dict[K, float] = {}
        self._index: dict[K, int] = {}
        self._noms: list[str] = []
        self._lower: list[float] = []
        self._upper: list[float] = []
        self._integer: list[bool] = []
        self._protections: dict[int, Protection] = {}
        self._seuls: set[int] = set()
        self._relations, self._ranges = _Rows(), _Rows()
        self._fausses: list[str] = []
        self._decouvertes: list[str] = []

    def __contains__(self, key: object) -> bool:
        return key in self._known or key in self._index

    def known(self, key: K, value: float) -> None:
        """A cell printed without rounding."""
        self._known[key] = value

    def contradiction(self, text: str) -> None:
        """Printed figures that cannot both be, told with the relations that do not hold."""
        self._fausses.append(text)

    def uncovered(self, nom: str) -> None:
        """A cell that is printed and that its rule masks."""
        self._decouvertes.append(nom)

    def value(self, key: K) -> float | None:
        """The printed value of a cell, None when it is unknown."""
        return self._known.get(key)

    def number(self, key: K) -> int | None:
        """The number of an unknown cell in the system."""
        return self._index.get(key)

    def unknown(
        self,
        key: K,
        nom: str,
        *,
        lower: float = 0.0,
        upper: float = np.inf,
        integer: bool = False,
        protection: Protection | None = None,
        seul: bool = False,
    ) -> int:
        """A cell that is masked, printed rounded, or never printed. Told again, bounds meet."""
        at = self._index.setdefault(key, len(self._noms))
        if at == len(self._noms):
            self._noms.append(nom)
            self._lower.append(lower)
            self._upper.append(upper)
            self._integer.append(integer)
        else:
            self._lower[at] = max(self._lower[at], lower)
            self._upper[at] = min(self._upper[at], upper)
            self._integer[at] |= integer
        if protection:
            self._protections.setdefault(at, protection)
        if seul:
            self._seuls.add(at)
        return at

    def relation(self, terms: Mapping[K, float], nom: str, rhs: float = 0.0) -> None:
        """sum of coefficient × cell = rhs."""
        self.range(terms, rhs, rhs, nom)

    def range(self, terms: Mapping[K, float], low: float, high: float, nom: str) -> None:
        """low <= sum of coefficient × cell <= high."""
        fixed = [(self._known[key], c) for key, c in terms.items() if key in self._known]
        shift = sum(v * c for v, c in fixed)
        size = max((abs(v * c) for v, c in fixed), default=0.0)
        free: dict[int, float] = {}
        for key, c in terms.items():
            if key not in self._known and c:
                at = self._index[key]
                free[at] = free.get(at, 0.0) + c
        free = {at: c for at, c in free.items() if c}
        slack = 1e-6 + PRECISION * max(size, abs(low), abs(high)) if free == {} else 0.0
        if not free:
            if not low - slack <= shift <= high + slack:
                self._fausses.append(nom)
            return
        rows = self._relations if low == high else self._ranges
        rows.add(free, low - shift, high - shift, nom)

    def build(self) -> System:
        """The system; cells and rows keep the order in which they were told."""
        n = len(self._noms)
        return System(
            noms=self._noms,
            lower=np.array(self._lower, float),
            upper=np.array(self._upper, float),
            integer=np.array(self._integer, bool),
            relations=self._relations.matrix(n),
            rhs=np.array(self._relations.low, float),
            noms_relations=self._relations.noms,
            ranges=self._ranges.matrix(n),
            low=np.array(self._ranges.low, float),
            high=np.array(self._ranges.high, float),
            noms_ranges=self._ranges.noms,
            protections=self._protections,
            seuls=frozenset(self._seuls),
            fausses=tuple(self._fausses),
            decouvertes=tuple(self._decouvertes),
        )
