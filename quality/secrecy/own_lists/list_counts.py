"""Counts of a list, territory by category, and how far two of them are. Rounds nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from warehouse.base.errors import QpvError
from warehouse.domain.format import propre

VIDE = "(vide)"
#: More categories are no table: an identifier, a date of birth.
MOST = 40
#: Letters of a category that a table repeats.
_LONGEST = 80


@dataclass(frozen=True)
class Counts:
    """(t, m) people of a list, by territory and by category; both in order.

    `metres`: within which somebody who is in no quarter is near one, if that was asked for.
    """

    perimetre: str
    colonne: str
    territoires: tuple[str, ...]
    modalites: tuple[str, ...]
    effectifs: np.ndarray
    metres: float | None = None

    @property
    def total(self) -> int:
        return int(self.effectifs.sum())

    def whole(self) -> Counts:
        """The same list without its categories."""
        totals = self.effectifs.sum(axis=1, keepdims=True)
        return Counts(self.perimetre, "", self.territoires, ("",), totals)

    def row(self, territoire: str) -> dict[str, int] | None:
        """Category → count of a territory; None where it is not there."""
        if territoire not in self.territoires:
            return None
        at = self.territoires.index(territoire)
        return dict(zip(self.modalites, self.effectifs[at].tolist(), strict=True))


def counts_of(
    perimetre: str,
    colonne: str,
    territoires: Sequence[str],
    modalites: Sequence[str],
    metres: float | None = None,
) -> Counts:
    """The counts of (n,) rows, each with its territory and its category.

    Raises:
        QpvError: too many categories.
    """
    labels = np.array([label(text) for text in modalites], dtype=object)
    names, column = np.unique(labels.astype(str), return_inverse=True)
    if len(names) > MOST:
        raise QpvError(
            f"la colonne {colonne!r} a {len(names)} modalités",
            ou="--comptes",
            attendu=f"au plus {MOST} : des tranches, des types, non un identifiant ou une date",
            faire="regrouper ses modalités dans le tableur",
        )
    places, row = np.unique(np.array(territoires, dtype=str), return_inverse=True)
    found = np.zeros((len(places), len(names)), dtype=np.int64)
    np.add.at(found, (row, column), 1)
    order = (tuple(places.tolist()), tuple(names.tolist()))
    return Counts(perimetre, colonne, *order, found, metres)


def moved(new: Counts, old: Counts) -> int:
    """How many people at least changed cell between two counts.

    A category that was only renamed is the same one: those that make the difference least are.
    """
    places = sorted({*new.territoires, *old.territoires})
    ours, theirs = _spread(new, places), _spread(old, places)
    size = max(ours.shape[1], theirs.shape[1])
    ours = np.pad(ours, ((0, 0), (0, size - ours.shape[1])))
    theirs = np.pad(theirs, ((0, 0), (0, size - theirs.shape[1])))
    cost = np.abs(ours[:, :, None] - theirs[:, None, :]).sum(axis=0)
    rows, columns = linear_sum_assignment(cost)
    apart = ours[:, rows] - theirs[:, columns]
    return int(max(apart[apart > 0].sum(), -apart[apart < 0].sum()))


def _spread(counts: Counts, places: Sequence[str]) -> np.ndarray:
    rows = {place: at for at, place in enumerate(places)}
    found = np.zeros((len(places), len(counts.modalites)), dtype=np.int64)
    found[[rows[place] for place in counts.territoires]] = counts.effectifs
    return found


def label(text: str | None) -> str:
    """A category as it is counted: one line, no blanks around, accents in one way."""
    plain = unicodedata.normalize("NFC", propre(text))
    return re.sub(r"\s+", " ", plain)[:_LONGEST] or VIDE
