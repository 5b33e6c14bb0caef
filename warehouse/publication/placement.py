"""Where a map sets each quarter: on its outline, else in its commune. Reads no figure."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import duckdb
import shapely
from shapely.geometry.base import BaseGeometry

#: Turns by this angle fill a disc evenly, whatever their number.
_OR = math.pi * (3 - math.sqrt(5))
#: Share of a commune's size that its quarters are spread over, and tries for each of them.
_ETENDUE, _ESSAIS = 0.62, 40
#: Quarters of a perimeter with their communes: as the list gives them, then whole ones.
_QUARTIERS = """
select t.code_territoire, coalesce(t.codes_communes, '') as communes,
    string_agg(
        c.code_commune_entiere, ' ' order by c.part_population desc nulls last, c.code_commune
    ) as entieres
from publie_territoires as t
left join publie_communes as c
    on t.code_territoire = c.code_qpv and t.perimetre = c.perimetre
where t.type_territoire = 'qpv' and t.perimetre = ?
group by all order by t.code_territoire
"""


def communes_of_quarters(con: duckdb.DuckDBPyConnection, perimetre: str) -> dict[str, list[str]]:
    """Quarter → the codes of its communes, the first one first.

    Args:
        con: with the relations of territories and communes exposed.
    """
    rows = con.execute(_QUARTIERS, [perimetre]).fetchall()
    return {
        code: [*told.replace(",", " ").split(), *(whole or "").split()]
        for code, told, whole in rows
    }


def read_shapes(
    geojson: Path, key: str, codes: Collection[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Code → GeoJSON geometry, in degrees (WGS84), of the features among `codes`; None for all.

    Args:
        geojson: a file of the release's `tables`; one that is not there has none.
        key: the property that bears the code.
    """
    if not geojson.is_file():
        return {}
    features = json.loads(geojson.read_text(encoding="utf-8"))["features"]
    named = ((feature["properties"][key], feature["geometry"]) for feature in features)
    return {code: geometry for code, geometry in named if codes is None or code in codes}


def place_quarters(
    communes: Mapping[str, list[str]],
    contours: Mapping[str, dict[str, Any]],
    lieux: Mapping[str, dict[str, Any]],
) -> dict[str, tuple[float, float]]:
    """Quarter → (longitude, latitude); none for one that has no outline and no commune here.

    Args:
        communes: each quarter to place → the codes of its communes, the first one first.
        contours: outlines of quarters, by code.
        lieux: outlines of places, by code (`COM:…`).
    """
    placed = {q: _middle(_shape(contours[q])) for q in communes if q in contours}
    beside: dict[str, list[str]] = defaultdict(list)
    for quarter, codes in communes.items():
        own = next((f"COM:{code}" for code in codes if f"COM:{code}" in lieux), None)
        if quarter not in placed and own:
            beside[own].append(quarter)
    for code, quarters in beside.items():
        spots = _spread(_shape(lieux[code]), len(quarters))
        placed |= dict(zip(sorted(quarters), spots, strict=True))
    return placed


def _shape(geometry: dict[str, Any]) -> BaseGeometry:
    return shapely.from_geojson(json.dumps(geometry))


def _middle(shape: BaseGeometry) -> tuple[float, float]:
    at = shape.centroid if shape.contains(shape.centroid) else shape.representative_point()
    return _point(at.x, at.y)


def _spread(commune: BaseGeometry, count: int) -> list[tuple[float, float]]:
    """So many points in a commune: one at its middle, others around, none on another."""
    x, y = _middle(commune)
    if count == 1:
        return [(x, y)]
    flat = math.cos(math.radians(y))
    radius = _ETENDUE * math.sqrt(commune.area * flat / math.pi)
    spots: list[tuple[float, float]] = []
    shapely.prepare(commune)
    for turn in range(_ESSAIS * count):
        away = radius * math.sqrt((turn + 0.5) / count)
        angle = turn * _OR
        spot = (x + away * math.cos(angle) / flat, y + away * math.sin(angle))
        if commune.contains(shapely.Point(spot)):
            spots.append(_point(*spot))
        if len(spots) == count:
            return spots
    return spots + [(x, y)] * (count - len(spots))


def _point(x: float, y: float) -> tuple[float, float]:
    return round(x, 5), round(y, 5)
