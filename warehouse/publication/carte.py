"""Outlines of the QPV with their key figures: GeoJSON and GeoParquet. Simplifies nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from warehouse.release.build_database import attach_build
from warehouse.release.connect import texte_sql
from warehouse.release.relations import expose

_CONTOURS = """
select
    c.code_territoire as code_qpv,
    c.perimetre,
    coalesce(t.libelle, c.libelle) as libelle,
    coalesce(t.libelle_long, c.libelle) as libelle_long,
    t.code_departement,
    t.code_epci,
    t.codes_communes,
    c.motif as reserve_contour,
    c.wkb as geometry
from build.geometrie.contours as c
left join publie_territoires as t
    on c.code_territoire = t.code_territoire and c.perimetre = t.perimetre
where c.perimetre = ?
order by c.code_territoire
"""
#: The shown period only.
_CHIFFRES = """
select
    f.code_territoire,
    f.perimetre,
    f.code_indicateur,
    f.valeur,
    f.statut,
    f.periode,
    f.source_id || ' ' || f.millesime
from publie_chiffres as f
inner join publie_indicateurs as i
    on f.code_indicateur = i.code_indicateur and f.periode = i.periode
where f.type_territoire = 'qpv' and f.code_indicateur in (select unnest(?))
"""
SANS_CHIFFRE = "non_disponible"
#: Beside a figure, in columns of its name and these.
_AVEC = ("statut", "periode", "source")
_RIEN = (None, SANS_CHIFFRE, None, None)


def write_map(build: Path, release: Path, indicateurs: Sequence[str], perimetre: str) -> int:
    """`tables/contours.geojson` and `.parquet`, one feature per QPV with an outline; how many.

    WGS84 degrees, RFC 7946 and GeoParquet 1.1. Beside each key figure, `<code>_statut` says why it
    is not there, `<code>_periode` and `<code>_source` what it is. No file where no outline of this
    perimeter was read.

    Args:
        build: a build database with `geometrie.contours`.
        release: a folder with `qpv.duckdb`.
        indicateurs: the key figures, in order; those that the release does not have are left out.
        perimetre: the edition's; outlines of another have none of its figures.
    """
    with duckdb.connect(":memory:", config={"threads": 2}) as con:
        attach_build(con, build)
        con.execute(f"attach {texte_sql(release / 'qpv.duckdb')} as publiee (read_only)")
        expose(con, "chiffres", "territoires", "indicateurs", of="publiee")
        outlines = con.execute(_CONTOURS, [perimetre]).to_arrow_table()
        if not outlines.num_rows:
            return 0
        shown = {
            c for (c,) in con.execute("select code_indicateur from publie_indicateurs").fetchall()
        }
        codes = [code for code in indicateurs if code in shown]
        figures = {row[:3]: row[3:] for row in con.execute(_CHIFFRES, [codes]).fetchall()}
    keys = list(
        zip(outlines["code_qpv"].to_pylist(), outlines["perimetre"].to_pylist(), strict=True)
    )
    table = outlines.drop_columns("geometry")
    for indicateur in codes:
        told = [figures.get((*key, indicateur), _RIEN) for key in keys]
        values, *rest = zip(*told, strict=True)
        table = table.append_column(indicateur, pa.array(values, pa.float64()))
        for name, texts in zip(_AVEC, rest, strict=True):
            table = table.append_column(f"{indicateur}_{name}", pa.array(texts, pa.string()))
    wkb = outlines["geometry"]
    _write_geojson(release / "tables" / "contours.geojson", table, wkb)
    _write_geoparquet(release / "tables" / "contours.parquet", table, wkb)
    return table.num_rows


def _shapes(wkb: pa.ChunkedArray) -> np.ndarray:
    return shapely.from_wkb(np.array(wkb.to_pylist(), dtype=object))


def _write_geojson(path: Path, table: pa.Table, wkb: pa.ChunkedArray) -> None:
    features = [
        {"type": "Feature", "id": row["code_qpv"], "properties": row, "geometry": json.loads(shape)}
        for row, shape in zip(table.to_pylist(), shapely.to_geojson(_shapes(wkb)), strict=True)
    ]
    content = {"type": "FeatureCollection", "features": features}
    path.write_text(
        json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")),
        encoding="utf-8",
    )


def _write_geoparquet(path: Path, table: pa.Table, wkb: pa.ChunkedArray) -> None:
    """https://geoparquet.org/releases/v1.1.0/: no `crs` there means OGC:CRS84."""
    shapes = _shapes(wkb)
    about = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": sorted({shape.geom_type for shape in shapes}),
                "orientation": "counterclockwise",
                "edges": "planar",
                "bbox": shapely.total_bounds(shapes).tolist(),
            }
        },
    }
    whole = table.append_column("geometry", wkb)
    kept = {b"geo": json.dumps(about).encode()}
    pq.write_table(whole.replace_schema_metadata(kept), path, compression="zstd")
