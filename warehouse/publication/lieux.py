"""Outlines of the communes and EPCI where quarters lie; an EPCI is the union of its communes."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import duckdb
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from warehouse.release.build_database import attach_build

CHEMIN = "tables/lieux.geojson"
_COMMUNES = """
select code_territoire, type_territoire, libelle, geometrie
from build.intermediate.int_contours_des_lieux
order by code_territoire, code_commune
"""


def write_places(build: Path, release: Path) -> int:
    """`tables/lieux.geojson`: one feature per commune and EPCI with a quarter; how many.

    No file where the edition read no outline of communes.

    Args:
        build: a build database with `int_contours_des_lieux`.
        release: the folder of a draft.
    """
    with duckdb.connect(":memory:", config={"threads": 2}) as con:
        attach_build(con, build)
        rows = con.execute(_COMMUNES).fetchall()
    if not rows:
        return 0
    drawn = shapely.from_geojson(np.array([row[3] for row in rows], dtype=object))
    parts: dict[tuple[str, str, str], list[BaseGeometry]] = defaultdict(list)
    for (code, kind, libelle, _), shape in zip(rows, drawn, strict=True):
        parts[code, kind, libelle].append(shape)
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {"code_territoire": code, "type_territoire": kind, "libelle": libelle},
            "geometry": json.loads(shapely.to_geojson(_union(shapes))),
        }
        for (code, kind, libelle), shapes in parts.items()
    ]
    content = {"type": "FeatureCollection", "features": features}
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    (release / CHEMIN).write_text(text, encoding="utf-8")
    return len(features)


def _union(shapes: list[BaseGeometry]) -> BaseGeometry:
    """Neighbours share their sides; where simplifying parted them, the slow way."""
    joined = shapely.coverage_union_all(shapes)
    return shapely.orient_polygons(joined if joined.is_valid else shapely.union_all(shapes))
