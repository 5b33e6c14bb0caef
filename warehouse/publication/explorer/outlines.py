"""The outlines that the explorer draws: those of the release, with their key figures alone."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from warehouse.publication.carte import SANS_CHIFFRE


def contours(geojson: Path, codes: Collection[str]) -> dict:
    """GeoJSON of the quarters among `codes`, in degrees (WGS84).

    Properties: `code`, and `v`, key figure → its value, or its statut where it has none; none
    for what no file holds.

    Args:
        geojson: `tables/contours.geojson` of the release.
    """
    features = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    drawn = [
        {
            "type": "Feature",
            "properties": {"code": code, "v": dict(_figures(feature["properties"]))},
            "geometry": feature["geometry"],
        }
        for feature in features
        if (code := feature["properties"]["code_qpv"]) in codes
    ]
    return {"type": "FeatureCollection", "features": drawn}


def _figures(properties: dict) -> Iterator[tuple[str, float | str]]:
    for name, value in properties.items():
        statut = properties.get(f"{name}_statut") or SANS_CHIFFRE
        if statut == "diffuse":
            yield name, value
        elif statut != SANS_CHIFFRE:
            yield name, statut
