"""Outlines of a release's quarters, light enough for a phone. Draws nothing."""

from __future__ import annotations

import json
from pathlib import Path

import shapely

#: Degrees: a quarter keeps its shape at 1:25 000, and France's 1,600 fit in about a megabyte.
_SIMPLIFIE = 0.0001
_DECIMALES = 5


def outlines(geojson: Path, codes: set[str]) -> dict:
    """A feature collection of the quarters among `codes`: valid polygons and their code alone.

    Args:
        geojson: the release's outlines, one feature per quarter, `code_territoire` in properties.
    """
    features = []
    for feature in json.loads(geojson.read_text(encoding="utf-8"))["features"]:
        code = feature["properties"].get("code_territoire")
        if code not in codes or not feature.get("geometry"):
            continue
        shape = shapely.from_geojson(json.dumps(feature["geometry"]))
        light = shapely.make_valid(shapely.simplify(shape, _SIMPLIFIE))
        light = shapely.set_precision(light, 10**-_DECIMALES)
        drawn = light if light.geom_type in ("Polygon", "MultiPolygon") else shape
        features.append(
            {
                "type": "Feature",
                "properties": {"code": code},
                "geometry": json.loads(shapely.to_geojson(drawn)),
            }
        )
    return {"type": "FeatureCollection", "features": features}
