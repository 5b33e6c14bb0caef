"""From GeoJSON text to a valid polygon: its repair, area, projection and sides. Knows no file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from pyproj import CRS, Geod, Transformer
from shapely.geometry.base import BaseGeometry

#: Legal projections of the places that files of units cover: EPSG code → where.
PROJECTIONS = {
    2154: "France métropolitaine",
    5490: "Antilles",
    2972: "Guyane",
    2975: "La Réunion",
    4471: "Mayotte",
}
#: Where quarters lie too, and no file of units does; around all, in degrees, what is still near.
_AUTRES = {3297: "Polynésie française"}
_MARGE = 0.7
#: A repair that changes the drawn area by more than this has several readings.
TOLERANCE = 0.01
#: Crossings of an outline beyond which it is not mended: 500 points at random took 82 s. Points
#: beyond which they are counted before validity is judged: 23 s for 400,000 on four corners.
_CROISEMENTS, _GRAND = 100, 10_000
#: Sides that are set against all others at once: 400,000 meet 26 million of them.
_LOT = 64
#: Longest side kept straight from longitude and latitude to metres, in degrees (about 500 m).
_PAS = 0.005
#: A metre of latitude, and about ten centimetres, in degrees.
_METRE, _DECIMALES = 0.000_009, 0.000_001
_ELLIPSOIDE = Geod(ellps="GRS80")


class GeometryFault(ValueError):
    """Why an outline cannot be used, in French, without the place."""


@dataclass(frozen=True)
class Contour:
    """A valid polygon or multipolygon in WGS84 degrees; `reparation` says what was mended."""

    surface: BaseGeometry
    reparation: str | None = None


def contour(text: str, *, strict: bool = True) -> Contour:
    """The outline of a GeoJSON geometry.

    Args:
        strict: refuse also a crossing that every repair reads alike, but whose loops the drawing
            counts one against the other (a figure of eight).

    Raises:
        GeometryFault: no polygon, coordinates that are not degrees, or a ring that crosses itself
            in a way that leaves its area open.
    """
    drawn = _drawn(text)
    x_min, y_min, x_max, y_max = drawn.bounds
    if not (-180 <= x_min <= x_max <= 180 and -90 <= y_min <= y_max <= 90):
        raise GeometryFault(
            "ses coordonnées ne sont pas des longitudes et latitudes WGS84 "
            f"(x de {x_min:.0f} à {x_max:.0f}, y de {y_min:.0f} à {y_max:.0f} : "
            "sans doute des mètres, en Lambert 93)"
        )
    large = shapely.get_num_coordinates(drawn) > _GRAND
    if not large and drawn.is_valid:
        return Contour(drawn)
    _refuse_tangled(drawn)
    if large and drawn.is_valid:
        return Contour(drawn)
    mended = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    crossed = shapely.make_valid(drawn)
    areas = [mended.area, crossed.area, *([_drawn_area(drawn)] if strict else [])]
    where = shapely.is_valid_reason(drawn).split("[")[-1].rstrip("]")
    if not max(areas):
        raise GeometryFault(f"son contour n'enferme aucune surface, vers {where}")
    if max(areas) - min(areas) > TOLERANCE * max(areas):
        raise GeometryFault(f"son contour se recoupe ou se superpose, vers {where}")
    return Contour(mended, f"contour réparé (il se recoupait, vers {where})")


def _refuse_tangled(drawn: BaseGeometry) -> None:
    """Refuse an outline that crosses itself more often than a slip of the hand explains.

    Raises:
        GeometryFault: it does.
    """
    corners = [
        shapely.get_coordinates(ring) for ring in shapely.get_rings(shapely.get_parts(drawn))
    ]
    sides = np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in corners])
    sides = sides[(sides[:, :2] != sides[:, 2:]).any(axis=1)]
    back = (sides[:, 0] > sides[:, 2]) | (
        (sides[:, 0] == sides[:, 2]) & (sides[:, 1] > sides[:, 3])
    )
    sides[back] = sides[back][:, [2, 3, 0, 1]]
    distinct = np.unique(sides, axis=0)
    met = len(sides) - len(distinct)
    lines = shapely.linestrings(distinct.reshape(-1, 2, 2))
    tree = shapely.STRtree(lines)
    for at in range(0, len(lines), _LOT):
        if met > _CROISEMENTS:
            break
        lot = lines[at : at + _LOT]
        # Of a sound ring, each side meets itself and its two neighbours; a crossing is seen twice.
        met += (tree.query(lot, predicate="intersects").shape[1] - 3 * len(lot)) / 2
    if met > _CROISEMENTS:
        raise GeometryFault(f"son contour se recoupe en plus de {_CROISEMENTS} points")


def _drawn(text: str) -> BaseGeometry:
    if text.strip() in ("", "null"):
        raise GeometryFault("elle n'a pas de géométrie")
    try:
        drawn = shapely.force_2d(shapely.from_geojson(text))
    except shapely.GEOSException as error:
        raise GeometryFault("sa géométrie est illisible") from error
    if drawn.geom_type not in ("Polygon", "MultiPolygon") or drawn.is_empty:
        raise GeometryFault(f"sa géométrie n'est pas un polygone ({drawn.geom_type})")
    return drawn


def _drawn_area(drawn: BaseGeometry) -> float:
    """The area as the rings give it, each taken by itself: crossings cancel out."""
    total = 0.0
    for part in shapely.get_parts(drawn):
        holes = sum(shapely.Polygon(ring).area for ring in part.interiors)
        total += shapely.Polygon(part.exterior).area - holes
    return total


def light(surface: BaseGeometry) -> BaseGeometry:
    """An outline to draw: within a metre of the given one, six decimals, rings as RFC 7946 wants.

    Exterior rings turn counter-clockwise. Valid; the given outline where nothing would be left.
    """
    kept = shapely.simplify(surface, _METRE, preserve_topology=True)
    kept = shapely.set_precision(kept, _DECIMALES)
    polygons = kept.geom_type in ("Polygon", "MultiPolygon") and not kept.is_empty
    return shapely.orient_polygons(kept if polygons else surface)


def hectares(surface: BaseGeometry) -> float:
    """Area on the GRS 80 ellipsoid, in hectares, holes taken off."""
    area, _ = _ELLIPSOIDE.geometry_area_perimeter(shapely.orient_polygons(surface))
    return abs(area) / 10_000


def projection_of(surface: BaseGeometry) -> int:
    """EPSG code of the legal projection of the place where an outline lies.

    Raises:
        GeometryFault: outside the places of `PROJECTIONS`, or longitude and latitude swapped.
    """
    x_min, y_min, x_max, y_max = surface.bounds
    if found := _holding(x_min, y_min, x_max, y_max):
        return found
    said = f"(longitudes de {x_min:.3f} à {x_max:.3f}, latitudes de {y_min:.3f} à {y_max:.3f})"
    if _holding(y_min, x_min, y_max, x_max):
        raise GeometryFault(f"longitude et latitude sont inversées {said}")
    raise GeometryFault(f"elle est hors de {', '.join(PROJECTIONS.values())} {said}")


def _holding(x_min: float, y_min: float, x_max: float, y_max: float) -> int | None:
    for epsg in PROJECTIONS:
        west, south, east, north = _extent(epsg)
        if west <= x_min and x_max <= east and south <= y_min and y_max <= north:
            return epsg
    return None


@lru_cache
def _extent(epsg: int) -> tuple[float, float, float, float]:
    area = CRS.from_epsg(epsg).area_of_use
    assert area is not None  # each of PROJECTIONS has one
    return area.bounds


@lru_cache
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(4326, epsg, always_xy=True)


def metric(surface: BaseGeometry, epsg: int) -> BaseGeometry:
    """An outline in metres of a projection; its longest sides are cut before they bend."""
    long_lat = shapely.segmentize(surface, _PAS)
    return shapely.transform(long_lat, lambda at: in_metres(at, epsg))


def in_metres(degrees: np.ndarray, epsg: int) -> np.ndarray:
    """(n, 2) longitudes and latitudes as (n, 2) metres of a projection."""
    x, y = degrees.T
    return np.column_stack(_transformer(epsg).transform(x, y))


def in_degrees(metres: np.ndarray, epsg: int) -> np.ndarray:
    """(n, 2) metres of a projection as (n, 2) longitudes and latitudes."""
    x, y = metres.T
    return np.column_stack(_transformer(epsg).transform(x, y, direction="INVERSE"))


def projections_of(degrees: np.ndarray) -> np.ndarray:
    """(n,) EPSG codes in which (n, 2) longitudes and latitudes are measured; 0 far from France.

    Wider than `projection_of`: French Polynesia too, and what lies just over a border.
    """
    found = np.zeros(len(degrees), dtype=np.int32)
    for epsg in reversed((*PROJECTIONS, *_AUTRES)):
        west, south, east, north = _extent(epsg)
        x, y = degrees.T
        held = (west - _MARGE <= x) & (x <= east + _MARGE)
        found[held & (south - _MARGE <= y) & (y <= north + _MARGE)] = epsg
    return found


def sides(surface: BaseGeometry, epsg: int) -> Iterator[np.ndarray]:
    """Sides of each ring in metres of a projection, rows (x1, y1, x2, y2), horizontal ones out.

    A ray along x never crosses a horizontal side: the parity of crossings needs the others only.
    """
    for ring in shapely.get_rings(shapely.get_parts(metric(surface, epsg))):
        x, y = shapely.get_coordinates(ring).T
        rows = np.column_stack([x[:-1], y[:-1], x[1:], y[1:]])
        yield rows[rows[:, 1] != rows[:, 3]]
