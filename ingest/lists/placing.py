"""Points in, out, or too near to a limit to tell. Knows outlines and metres, no list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from ingest.lists.quarter_outlines import Generation, Limits

#: A point is in, out, or not to be told; `SANS_LIEU`: it has no place.
SANS_LIEU, DANS, HORS, INCERTAIN = 0, 1, 2, 3
REPONSES = ("", "dans", "hors", "incertain")
#: Within so many metres of a quarter.
PROCHE = ("", "oui", "non", "incertain")
#: Side of the squares in which points are put in order, in metres.
_CARREAU = 500


@dataclass(frozen=True)
class Points:
    """(n, 2) metres, (n,) EPSG code of each (0: no place), (n,) metres that its position adds."""

    metres: np.ndarray
    epsg: np.ndarray
    bande: np.ndarray


@dataclass(frozen=True)
class Placed:
    """What is told of (n,) points beside one generation.

    `reponse`: one of `REPONSES`. `zone`: number of the quarter that holds it, or of the nearest;
    -1 where none is within reach. `distance`: metres to the nearest limit, NaN beyond reach.
    `bande`: metres within which it is not told.
    """

    reponse: np.ndarray
    zone: np.ndarray
    distance: np.ndarray
    bande: np.ndarray

    def within(self, metres: float) -> np.ndarray:
        """(n,) of `PROCHE`: is the quarter less than so many metres away? In one, it is."""
        inside = self.reponse == DANS
        away = np.where(np.isnan(self.distance), np.inf, self.distance)
        told = np.full(len(away), INCERTAIN)
        told[inside | (away + self.bande <= metres)] = DANS
        told[~inside & (away - self.bande > metres)] = HORS
        told[self.reponse == SANS_LIEU] = SANS_LIEU
        return told


def place(points: Points, generation: Generation, reach: float) -> Placed:
    """Where points are beside the outlines of a generation.

    Args:
        reach: metres beyond which no distance is looked for; more than any band.
    """
    n = len(points.epsg)
    bande = points.bande + generation.bande
    zone, distance = np.full(n, -1), np.full(n, np.nan)
    inside = np.zeros(n, dtype=bool)
    for epsg, (numbers, limits) in generation.by_projection.items():
        here = np.flatnonzero(points.epsg == epsg)
        x, y = points.metres[here].T
        owner, away = _nearest(limits, x, y, reach)
        holder = _holding(limits, x, y)
        distance[here] = away
        inside[here] = holder >= 0
        owner = np.where(holder >= 0, holder, owner)
        zone[here] = np.where(owner >= 0, numbers[owner], -1)
    told = np.where(inside, DANS, HORS)
    told[distance <= bande] = INCERTAIN
    told[points.epsg == 0] = SANS_LIEU
    return Placed(told, zone, distance, bande)


def _nearest(
    limits: Limits, x: np.ndarray, y: np.ndarray, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """The owner of the nearest limit of each point and its distance; -1 and NaN beyond reach."""
    owner, away = np.full(len(x), -1), np.full(len(x), np.nan)
    if len(x):
        # Neighbours one after the other: the tree is twice as fast on what it has just looked at.
        order = np.lexsort((y, x // _CARREAU, y // _CARREAU))
        (at, side), found = limits.sides.query_nearest(
            shapely.points(x[order], y[order]),
            max_distance=reach,
            return_distance=True,
            all_matches=False,
        )
        owner[order[at]], away[order[at]] = limits.owners[side], found
    return owner, away


def _holding(limits: Limits, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The first surface that holds each point; -1 where none does."""
    holder = np.full(len(x), -1)
    at, surface = limits.boxes.query(shapely.points(x, y))
    order = np.argsort(surface, kind="stable")[::-1]
    at, surface = at[order], surface[order]
    for group in np.split(np.arange(len(at)), np.flatnonzero(np.diff(surface)) + 1):
        if not group.size:
            continue
        one, mine = surface[group[0]], at[group]
        held = shapely.contains_xy(limits.surfaces[one], x[mine], y[mine])
        holder[mine[held]] = one
    return holder
