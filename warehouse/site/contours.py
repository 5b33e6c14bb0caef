"""The outlines that the explorer draws: lighter than those of the release, still valid."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import shapely

from warehouse.carte import SANS_CHIFFRE

#: About ten metres: less than a pixel until streets could be told apart.
_TOLERANCE = 1e-4
_DECIMALES = 5
#: Below this share in common with the outline, half a small one is gone: it is kept as it is.
_FIDELITE = 0.9


def contours(geojson: Path, codes: Collection[str]) -> dict:
    """GeoJSON of the quarters among `codes`, simplified, WGS84, with their key figures.

    Properties: `code`, and `v`, key figure → its value, or its statut where it has none; none
    for what no file holds.

    Args:
        geojson: `tables/contours.geojson` of the release.
    """
    features = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    kept = [f for f in features if f["properties"]["code_qpv"] in codes]
    shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in kept])
    drawn = [
        {
            "type": "Feature",
            "properties": {
                "code": feature["properties"]["code_qpv"],
                "v": dict(_figures(feature["properties"])),
            },
            "geometry": json.loads(shapely.to_geojson(allege(shape)), parse_float=_court),
        }
        for feature, shape in zip(kept, shapes, strict=True)
    ]
    return {"type": "FeatureCollection", "features": drawn}


def allege(shape: shapely.Geometry) -> shapely.Geometry:
    """A valid outline with fewer points; the outline itself where too little would be left."""
    light = shapely.set_precision(shapely.simplify(shape, _TOLERANCE), 10**-_DECIMALES)
    if light.is_empty or not light.is_valid:
        return shape
    common = shapely.area(shapely.intersection(light, shape))
    whole = max(shapely.area(light), shapely.area(shape))
    return light if common >= _FIDELITE * whole else shape


def _figures(properties: dict) -> Iterator[tuple[str, float | str]]:
    for name, value in properties.items():
        statut = properties.get(f"{name}_statut")
        if statut == "diffuse":
            yield name, value
        elif statut not in (None, SANS_CHIFFRE):
            yield name, statut


def _court(degrees: str) -> float:
    """The grid again: a multiple of it is not a round number in binary."""
    return round(float(degrees), _DECIMALES)
