"""Outlines: checked when they land, then areas, overlaps and sides as tables for the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from ingest.geometries import (
    Contour,
    GeometryFault,
    contour,
    hectares,
    light,
    projection_of,
    sides,
)
from warehouse.base.errors import QpvError

_TEXT, _NUMBER = pa.string(), pa.float64()
#: Tables of schema `geometrie`.
SCHEMAS = {
    "superficies": pa.schema(
        [
            ("code_territoire", _TEXT),
            ("perimetre", _TEXT),
            ("superficie_ha", _NUMBER),
            ("motif", _TEXT),
            ("source_id", _TEXT),
            ("millesime", _TEXT),
        ]
    ),
    "recouvrements": pa.schema(
        [
            ("code_perimetre", _TEXT),
            ("code_qpv", _TEXT),
            ("perimetre", _TEXT),
            ("superficie_commune_ha", _NUMBER),
            ("part_perimetre", _NUMBER),
            ("part_qpv", _NUMBER),
        ]
    ),
    "contours": pa.schema(
        [
            ("code_territoire", _TEXT),
            ("perimetre", _TEXT),
            ("libelle", _TEXT),
            ("wkb", pa.binary()),
            ("motif", _TEXT),
        ]
    ),
    "cotes": pa.schema(
        [
            ("code_perimetre", _TEXT),
            ("epsg", pa.int32()),
            *((name, _NUMBER) for name in ("x1", "y1", "x2", "y2")),
        ]
    ),
}
#: Two outlines that share less than this only touch: a square metre.
_TOUCHE = 0.0001


def check_outline(entry: dict, where: str, *, local: bool) -> str | None:
    """What a report says of an outline: repaired, or left aside; None when it is sound.

    Args:
        entry: `code`, `geometrie` (GeoJSON text) and, of a local one, `code_epci`.
        local: drawn by the user, who can redraw it: what an official file is forgiven is refused.

    Raises:
        QpvError: a local outline that cannot be used.
    """
    try:
        found = contour(entry["geometrie"] or "", strict=local)
        if local:
            _check_epci(entry.get("code_epci"))
            projection_of(found.surface)
        return found.reparation
    except GeometryFault as fault:
        if not local:
            return f"contour laissé de côté : {fault}"
        raise QpvError(
            f"le périmètre {entry['code'][4:]} ne peut servir : {fault}",
            ou=where,
            attendu="un polygone dont les côtés ne se croisent pas, en longitude puis latitude "
            "(WGS84, EPSG:4326), et un code_epci de neuf chiffres s'il est donné",
            faire="corriger cette entité dans le SIG, puis exporter en GeoJSON (RFC 7946)",
        ) from fault


def _check_epci(code: str | None) -> None:
    if code and not re.fullmatch(r"\d{9}", code):
        raise GeometryFault(f"son code_epci {code!r} n'est pas un SIREN de neuf chiffres")


def outline_tables(qpv: Iterable[Path], locaux: Iterable[Path]) -> dict[str, pa.Table]:
    """The tables of `SCHEMAS`, from the landed outlines of QPV and of local perimeters.

    `contours`: outlines of QPV to draw, WKB in WGS84 degrees (see `light`). Shares are in % of
    each one's own area; sides are in metres, local perimeters only.
    """
    quarters, own = [*_outlines(qpv, strict=False)], [*_outlines(locaux, strict=True)]
    drawn, drawn_own = _drawn(quarters), _drawn(own)
    rows = {
        "superficies": [
            {
                "code_territoire": row["code"],
                "perimetre": row["perimetre"],
                "superficie_ha": None if isinstance(found, str) else hectares(found.surface),
                "motif": found if isinstance(found, str) else _reserve(row["fichier"], found),
                "source_id": row["source_id"],
                "millesime": row["millesime"],
            }
            for row, found in [*quarters, *own]
        ],
        "contours": [
            {
                "code_territoire": row["code"],
                "perimetre": row["perimetre"],
                "libelle": row["libelle"],
                "wkb": shapely.to_wkb(light(found.surface)),
                "motif": _reserve(row["fichier"], found),
            }
            for row, found in drawn
        ],
        "recouvrements": _overlaps(drawn_own, drawn),
        "cotes": _sides(drawn_own),
    }
    return {name: pa.Table.from_pylist(rows[name], schema=SCHEMAS[name]) for name in SCHEMAS}


def _outlines(paths: Iterable[Path], *, strict: bool) -> Iterable[tuple[dict, Contour | str]]:
    """Each landed row with its outline, or why it has none."""
    for path in paths:
        for row in pq.read_table(path).to_pylist():
            try:
                yield row, contour(row["geometrie"] or "", strict=strict)
            except GeometryFault as fault:
                yield row, f"contour laissé de côté : {fault}"


def _drawn(outlines: Iterable[tuple[dict, Contour | str]]) -> list[tuple[dict, Contour]]:
    """Those that have one."""
    return [(row, found) for row, found in outlines if not isinstance(found, str)]


def _reserve(fichier: str, found: Contour) -> str | None:
    said = ["contours simplifiés : superficie approchée"] if "simplifi" in fichier else []
    return " ; ".join([*said, *([found.reparation] if found.reparation else [])]) or None


def _overlaps(own: list[tuple[dict, Contour]], quarters: list[tuple[dict, Contour]]) -> list[dict]:
    tree = shapely.STRtree([found.surface for _, found in quarters])
    found_rows = []
    for row, local in own:
        for index in tree.query(local.surface, predicate="intersects"):
            quarter, other = quarters[index]
            common = hectares(shapely.intersection(local.surface, other.surface))
            if common < _TOUCHE:
                continue
            found_rows.append(
                {
                    "code_perimetre": row["code"],
                    "code_qpv": quarter["code"],
                    "perimetre": quarter["perimetre"],
                    "superficie_commune_ha": common,
                    "part_perimetre": min(100.0, 100 * common / hectares(local.surface)),
                    "part_qpv": min(100.0, 100 * common / hectares(other.surface)),
                }
            )
    return found_rows


def _sides(own: list[tuple[dict, Contour]]) -> list[dict]:
    rows = []
    for row, local in own:
        epsg = projection_of(local.surface)
        for ring in sides(local.surface, epsg):
            rows += [
                {"code_perimetre": row["code"], "epsg": epsg}
                | dict(zip(("x1", "y1", "x2", "y2"), side, strict=True))
                for side in ring.tolist()
            ]
    return rows
