"""What each sensitive cell needs, how far its interval is proved to reach, and by which proof."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .classes import Systeme

UP, DOWN = 0, 1
SIGN = (1.0, -1.0)
#: A reach is accepted from this share of the need: solver tolerance is a hundred times finer.
ENOUGH = 1 - 1e-6


@dataclass(frozen=True)
class Proof:
    """A perturbation: the classes it moves, by how much, and by how much it may be stretched."""

    cells: np.ndarray
    moves: np.ndarray
    stretch: tuple[float, float]  #: largest factors of +moves and of -moves within the bounds


class Requirements:
    """One line per (sensitive class, insider): the needs, the reach, the proof of each side.

    insider -1: a reader without information of their own. An insider knows the value of their
    class: only proofs that leave it where it is count.
    """

    def __init__(self, s: Systeme) -> None:
        self.s = s
        self.target = np.zeros(0, dtype=np.int64)
        self.insider = np.zeros(0, dtype=np.int64)
        self.need = np.zeros((0, 2))
        self.width = np.zeros(0)
        self.reach = np.zeros((0, 2))
        self.proof = np.zeros((0, 2), dtype=np.int64)
        self.proofs: list[Proof] = []
        self.slid = np.zeros(0, dtype=bool)
        self.lost = np.zeros(0, dtype=bool)
        self._order = np.zeros(0, dtype=np.int64)
        self._cuts = np.zeros(s.valeurs.size + 1, dtype=np.int64)

    def ask(
        self, target: np.ndarray, insider: np.ndarray, need: np.ndarray, width: np.ndarray
    ) -> np.ndarray:
        """New requirements (q,), need (q, 2) up and down; their numbers. Bounds slide needs."""
        room = np.stack(
            [
                self.s.haut[target] - self.s.valeurs[target],
                self.s.valeurs[target] - self.s.bas[target],
            ],
            axis=1,
        )
        asked = need.sum(axis=1)
        possible = np.minimum(need, room)
        slid = (need > room).any(axis=1)
        q, before = target.size, self.target.size
        self.target = np.concatenate([self.target, target])
        self.insider = np.concatenate([self.insider, insider])
        self.need = np.concatenate([self.need, possible])
        self.width = np.concatenate([self.width, np.where(slid, np.maximum(width, asked), width)])
        self.reach = np.concatenate([self.reach, np.zeros((q, 2))])
        self.proof = np.concatenate([self.proof, np.full((q, 2), -1)])
        self.slid = np.concatenate([self.slid, slid])
        self.lost = np.concatenate([self.lost, np.zeros(q, dtype=bool)])
        order = np.argsort(self.target, kind="stable")
        cuts = np.searchsorted(self.target[order], np.arange(self.s.valeurs.size + 1))
        self._order, self._cuts = order, cuts
        for number in range(len(self.proofs)):
            self._spread(number)
        return np.arange(before, before + q)

    def met(self, r: int | np.ndarray) -> np.ndarray | bool:
        """Is the requirement proved?"""
        reach = self.reach[r]
        sides = (reach >= self.need[r] * ENOUGH).all(axis=-1)
        return sides & (reach.sum(axis=-1) >= self.width[r] * ENOUGH)

    def of(self, target: int) -> np.ndarray:
        """The requirements of a class."""
        return self._order[self._cuts[target] : self._cuts[target + 1]]

    def credit(self, cells: np.ndarray, moves: np.ndarray) -> int:
        """Keep a perturbation, and let every requirement it serves better use it; its number."""
        number = len(self.proofs)
        stretch = (self._stretch(cells, moves), self._stretch(cells, -moves))
        self.proofs.append(Proof(cells, moves, stretch))
        self._spread(number)
        return number

    def through(self, c: int, numbers: np.ndarray) -> np.ndarray:
        """(numbers, 2) bool: the sides of these requirements whose proof moves class c."""
        proof = self.proof[numbers]
        used = np.unique(proof).tolist()
        return np.isin(proof, [number for number in used if number >= 0 and self._moves(number, c)])

    def _moves(self, number: int, c: int) -> bool:
        return bool((self.proofs[number].cells == c).any())

    def _stretch(self, cells: np.ndarray, moves: np.ndarray) -> float:
        s = self.s
        room = np.where(
            moves > 0, s.haut[cells] - s.valeurs[cells], s.valeurs[cells] - s.bas[cells]
        )
        factor = (room / np.abs(moves)).min()
        if s.inegalites.shape[0]:
            change = s.inegalites_par_cellule[:, cells] @ moves
            up, down = change > 1e-12, change < -1e-12
            for rows, margin in ((up, s.marge_haute), (down, s.marge_basse)):
                if rows.any():
                    factor = min(factor, np.min(margin[rows] / change[rows]))
        # Without a limit at all, the move itself is what is proved.
        return max(0.0, factor) if np.isfinite(factor) else 1e6

    def _spread(self, number: int) -> None:
        p = self.proofs[number]
        starts, stops = self._cuts[p.cells], self._cuts[p.cells + 1]
        count = stops - starts
        if not count.any():
            return
        which = np.repeat(np.arange(p.cells.size), count)
        offset = np.arange(which.size) - np.repeat(np.cumsum(count) - count, count)
        r = self._order[np.repeat(starts, count) + offset]
        allowed = ~np.isin(self.insider[r], p.cells)
        r, move = r[allowed], p.moves[which[allowed]]
        for factor, sign in zip(p.stretch, SIGN, strict=True):
            far = move * sign * factor
            side = np.where(far > 0, UP, DOWN)
            far = np.abs(far)
            better = far > self.reach[r, side] * (1 + 1e-9)
            self.reach[r[better], side[better]] = far[better]
            self.proof[r[better], side[better]] = number
